"""Hair as curves, grown on meshes."""

import bpy
import numpy as np
from mathutils.kdtree import KDTree

from .shapes import link


def scatter(items, count, random):
    """Random points and normals on the surfaces of the items, evenly by area."""
    bpy.context.view_layer.update()
    corners = []
    for item in items:
        data = item.data
        data.calc_loop_triangles()
        points = np.array([item.matrix_world @ v.co for v in data.vertices])
        corners.append(points[np.array([t.vertices for t in data.loop_triangles])])
    a, b, c = np.concatenate(corners).transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    area = np.linalg.norm(normal, axis=1)
    pick = random.choice(len(a), count, p=area / area.sum())
    u, v = random.random((2, count, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    at = a[pick] + u * (b - a)[pick] + v * (c - a)[pick]
    return at, normal[pick] / area[pick][:, None]


def strands(name, lines, material, radius, tip=0.3):
    """Hair curves from an array of (strand, point, xyz)."""
    count, points = lines.shape[:2]
    data = bpy.data.hair_curves.new(name)
    data.add_curves([points] * count)
    data.position_data.foreach_set("vector", lines.astype(np.float32).ravel())
    data.attributes.new("radius", "FLOAT", "POINT")
    thickness = np.tile(radius * np.linspace(1, tip, points, dtype=np.float32), count)
    data.attributes["radius"].data.foreach_set("value", thickness)
    return link(name, data, material)


def fur(name, items, count, length, material, random, droop=0.1, wild=0.3, radius=0.002, clumps=0, points=8):
    """Hair growing from the items: droop bends it down, wild scatters it, clumps gather its tips."""
    root, normal = scatter(items, count, random)
    reach = length * random.uniform(0.55, 1.0, (count, 1)) ** 0.7
    lean = normal + wild * random.normal(size=(count, 3))
    lean /= np.linalg.norm(lean, axis=1)[:, None]
    curl = 0.12 * wild * reach * random.normal(size=(count, 3))
    phase = random.uniform(0, 2 * np.pi, (count, 1))
    tip = root + reach * lean
    if clumps:
        guides = random.choice(count, clumps, replace=False)
        tree = KDTree(clumps)
        for i, at in enumerate(root[guides]):
            tree.insert(at, i)
        tree.balance()
        near = np.array([tree.find(at)[1] for at in root])
        gather = 0.55 * (tip[guides[near]] - tip)
    else:
        gather = np.zeros_like(tip)
    sag = np.array([0, 0, droop * length])
    lines = [
        root + t * (reach * lean + curl * np.sin(5 * t + phase)) + t**2 * (gather - sag)
        for t in np.linspace(0, 1, points)
    ]
    lines = np.stack(lines, 1)
    lines[..., 2] = np.maximum(lines[..., 2], 0.004)
    return strands(name, lines, material, radius)
