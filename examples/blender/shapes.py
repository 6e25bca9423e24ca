"""Mesh builders: lathed profiles, swept tubes, cut-out slabs and fused clay.

One unit is ten centimetres.
"""

import bmesh
import bpy
import numpy as np
from mathutils import Matrix, Vector


def link(name, data, material=None):
    item = bpy.data.objects.new(name, data)
    bpy.context.scene.collection.objects.link(item)
    if material:
        data.materials.append(material)
    return item


def mesh(name, vertices, faces, material=None, smooth=True):
    data = bpy.data.meshes.new(name)
    data.from_pydata([tuple(v) for v in vertices], [], faces)
    data.validate()
    data.polygons.foreach_set("use_smooth", [smooth] * len(data.polygons))
    return link(name, data, material)


def fillet(corners, steps=10, closed=False):
    """Polyline through (x, y[, radius]) corners, each rounded by an arc of its radius."""
    points = []
    count = len(corners)
    for i, corner in enumerate(corners):
        here = np.array(corner[:2], float)
        radius = corner[2] if len(corner) > 2 else 0.0
        inner = closed or 0 < i < count - 1
        if not radius or not inner:
            points.append(here)
            continue
        before = np.array(corners[i - 1][:2], float) - here
        after = np.array(corners[(i + 1) % count][:2], float) - here
        a, b = np.linalg.norm(before), np.linalg.norm(after)
        before, after = before / a, after / b
        if before @ after < -0.9999:  # a straight run has nothing to round
            points.append(here)
            continue
        half = np.arccos(np.clip(before @ after, -1, 1)) / 2
        reach = min(radius / np.tan(half), 0.49 * a, 0.49 * b)
        radius = reach * np.tan(half)
        start, end = here + before * reach, here + after * reach
        axis = before + after
        centre = here + axis / np.linalg.norm(axis) * radius / np.sin(half)
        u, v = start - centre, end - centre
        sweep = np.arccos(np.clip(u @ v / radius**2, -1, 1))
        for t in np.linspace(0, 1, steps + 1):
            w = (np.sin((1 - t) * sweep) * u + np.sin(t * sweep) * v) / np.sin(sweep)
            points.append(centre + w)
    return np.array(points)


def spline(knots, steps=12, closed=False):
    """Catmull-Rom curve through the knots, in any dimension."""
    knots = np.array(knots, float)
    if closed:
        padded = np.vstack([knots[-1], knots, knots[:2]])
    else:
        padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    curve = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:]):
        curve.append(
            0.5
            * (
                2 * p1
                + (p2 - p0) * t
                + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
                + (3 * p1 - p0 - 3 * p2 + p3) * t**3
            )
        )
    curve = np.vstack(curve)
    return curve if closed else np.vstack([curve, knots[-1]])


def lathe(name, profile, material=None, segments=160, flutes=None):
    """Turn an (r, z) profile around the z axis; flutes(angle, z) scales the radius."""
    profile = np.asarray(profile, float)
    angles = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    radius = np.maximum(profile[:, :1], 1e-4)
    scale = flutes(angles[None, :], profile[:, 1:]) if flutes else 1.0
    x, y = radius * scale * np.cos(angles), radius * scale * np.sin(angles)
    z = np.broadcast_to(profile[:, 1:], x.shape)
    vertices = np.stack([x, y, z], -1).reshape(-1, 3)
    faces = [
        (
            i * segments + j,
            i * segments + (j + 1) % segments,
            (i + 1) * segments + (j + 1) % segments,
            (i + 1) * segments + j,
        )
        for i in range(len(profile) - 1)
        for j in range(segments)
    ]
    return weld(mesh(name, vertices, faces, material))


def turned(name, corners, material=None, steps=10):
    """A lathed profile given by its filleted corners."""
    return lathe(name, fillet(corners, steps), material)


def weld(item, distance=5e-4):
    work = bmesh.new()
    work.from_mesh(item.data)
    bmesh.ops.remove_doubles(work, verts=work.verts, dist=distance)
    bmesh.ops.recalc_face_normals(work, faces=work.faces)
    work.to_mesh(item.data)
    work.free()
    return item


def circle(radius, count=32):
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return radius * np.stack([np.cos(angles), np.sin(angles)], -1)


def rounded_rectangle(width, height, radius, steps=6):
    w, h = width / 2, height / 2
    corners = [(w, -h, radius), (w, h, radius), (-w, h, radius), (-w, -h, radius)]
    return fillet(corners, steps, closed=True)


def tube(name, path, section, material=None, closed=False, scale=None, up=(0, 0, 1)):
    """Sweep a closed 2D section along a path; scale is one factor, or one per axis, per path point."""
    path = np.asarray(path, float)
    count, around = len(path), len(section)
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0)
    if not closed:
        ahead[0], ahead[-1] = path[1] - path[0], path[-1] - path[-2]
    ahead /= np.linalg.norm(ahead, axis=1)[:, None]
    side = np.cross(ahead[0], up)
    if np.linalg.norm(side) < 1e-3:
        side = np.cross(ahead[0], (0, 1, 0))
    scale = np.ones(count) if scale is None else np.asarray(scale, float)
    scale = np.broadcast_to(scale.reshape(count, -1), (count, 2))
    vertices = []
    for point, tangent, factor in zip(path, ahead, scale):
        side = side - tangent * (side @ tangent)
        side /= np.linalg.norm(side)
        normal = np.cross(side, tangent)
        x, y = (section * factor).T[..., None]
        vertices.append(point + x * side + y * normal)
    rings = count if closed else count - 1
    faces = [
        (
            i * around + j,
            i * around + (j + 1) % around,
            (i + 1) % count * around + (j + 1) % around,
            (i + 1) % count * around + j,
        )
        for i in range(rings)
        for j in range(around)
    ]
    if not closed:
        faces.append(tuple(range(around)))
        faces.append(tuple(range((count - 1) * around, count * around)))
    item = mesh(name, np.vstack(vertices), faces, material)
    return weld(item, 1e-5)


def loft(name, rings, material=None):
    """Skin a list of (outline, z) rings, bottom first, and close both ends."""
    around = len(rings[0][0])
    vertices = [(x, y, z) for outline, z in rings for x, y in outline]
    faces = [
        (
            i * around + j,
            i * around + (j + 1) % around,
            (i + 1) * around + (j + 1) % around,
            (i + 1) * around + j,
        )
        for i in range(len(rings) - 1)
        for j in range(around)
    ]
    faces += [tuple(range(around)), tuple(range((len(rings) - 1) * around, len(rings) * around))]
    return weld(mesh(name, vertices, faces, material), 1e-5)


def along(path, spacing):
    """Points and unit tangents at even spacing on a polyline."""
    path = np.asarray(path, float)
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    distance = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, distance[-1], max(int(distance[-1] / spacing), 1) + 1)
    points = np.stack([np.interp(at, distance, axis) for axis in path.T], -1)
    ahead = np.gradient(points, axis=0)
    return points, ahead / np.linalg.norm(ahead, axis=1)[:, None]


def stitches(name, path, material, spacing=0.045, length=0.03, radius=0.006):
    """A row of thread stitches lying along a path."""
    points, ahead = along(path, spacing)
    rows = []
    for point, tangent in zip(points, ahead):
        t = np.linspace(-0.5, 0.5, 7)
        rows.append(
            tube(
                name,
                point + np.outer(t * length, tangent),
                circle(radius, 8),
                material,
                scale=round_ends(7, length, radius),
            )
        )
    return join(rows, name)


def round_ends(count, length, radius):
    """Scale factors that close a tube of the given length and radius with domes."""
    s = np.linspace(0, length, count)
    edge = np.minimum(np.minimum(s, length - s), radius) / radius
    return np.maximum(np.sqrt(1 - (1 - edge) ** 2), 0.03)


def slab(name, outlines, thickness, bevel, material=None):
    """Extrude 2D outlines (the first is the rim, the rest are holes) along y."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions, data.fill_mode = "2D", "BOTH"
    data.extrude, data.bevel_depth, data.bevel_resolution = thickness / 2 - bevel, bevel, 5
    data.offset = -bevel
    for outline in outlines:
        line = data.splines.new("POLY")
        line.points.add(len(outline) - 1)
        line.points.foreach_set(
            "co", np.hstack([outline, np.zeros((len(outline), 1)), np.ones((len(outline), 1))]).ravel()
        )
        line.use_cyclic_u = True
    item = to_mesh(link(name, data, material))
    item.data.transform(Matrix.Rotation(np.pi / 2, 4, "X"))
    smooth_by_angle(weld(item, 1e-4), 40)
    return item


def box(name, size, radius, material=None, segments=5):
    data = bpy.data.meshes.new(name)
    work = bmesh.new()
    bmesh.ops.create_cube(work, size=1, matrix=Matrix.Diagonal((*size, 1)))
    bmesh.ops.bevel(work, geom=work.edges[:], offset=radius, segments=segments, profile=0.5, affect="EDGES")
    work.to_mesh(data)
    work.free()
    item = link(name, data, material)
    smooth_by_angle(item, 40)
    return item


def sphere(name, radius, material=None, segments=64):
    arc = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    return lathe(name, np.stack([radius * np.cos(arc), radius * np.sin(arc)], -1), material, segments)


def text(name, body, size, material, at, spacing=1.0, depth=0.001):
    """A line of centred type facing -y."""
    data = bpy.data.curves.new(name, "FONT")
    data.body, data.size, data.align_x, data.space_character = body, size, "CENTER", spacing
    data.extrude = depth
    item = to_mesh(link(name, data, material))
    item.data.transform(Matrix.Translation(at) @ Matrix.Rotation(np.pi / 2, 4, "X"))
    return item


def wrap(item, radius):
    """Bend a flat -y facing object around the z axis at the given radius."""
    data = item.data
    points = np.empty(len(data.vertices) * 3)
    data.vertices.foreach_get("co", points)
    points = points.reshape(-1, 3)
    angle = points[:, 0] / radius
    reach = radius - points[:, 1]
    points[:, 0], points[:, 1] = reach * np.sin(angle), -reach * np.cos(angle)
    data.vertices.foreach_set("co", points.ravel())
    data.update()
    return item


def to_mesh(item):
    """Replace a curve or text object, or one with modifiers, by its evaluated mesh."""
    bpy.context.view_layer.update()
    data = bpy.data.meshes.new_from_object(item.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    plain = bpy.data.objects.new(item.name, data)
    plain.matrix_world = item.matrix_world
    bpy.context.scene.collection.objects.link(plain)
    bpy.data.objects.remove(item)
    return plain


def smooth_by_angle(item, degrees):
    with bpy.context.temp_override(object=item, selected_editable_objects=[item]):
        bpy.ops.object.shade_smooth_by_angle(angle=np.radians(degrees))
    return item


def join(items, name):
    bpy.context.view_layer.update()
    work = bmesh.new()
    materials = []
    for item in items:
        data = item.data
        data.transform(item.matrix_world)
        slots = []
        for material in data.materials:
            if material not in materials:
                materials.append(material)
            slots.append(materials.index(material))
        first = len(work.faces)
        work.from_mesh(data)
        work.faces.ensure_lookup_table()
        for face in work.faces[first:]:
            face.material_index = slots[face.material_index] if slots else 0
        bpy.data.objects.remove(item)
    data = bpy.data.meshes.new(name)
    work.to_mesh(data)
    work.free()
    item = link(name, data)
    for material in materials:
        data.materials.append(material)
    return item


def fuse(items, name, voxel=0.006, rounds=8):
    """Melt overlapping closed meshes into one skin with soft joints, as clay does."""
    item = join(items, name)
    material = item.data.materials[0]
    remesh = item.modifiers.new("remesh", "REMESH")
    remesh.mode, remesh.voxel_size, remesh.use_smooth_shade = "VOXEL", voxel, True
    relax = item.modifiers.new("relax", "CORRECTIVE_SMOOTH")
    relax.use_only_smooth, relax.iterations, relax.factor = True, rounds, 0.5
    item = to_mesh(item)
    item.data.materials.clear()
    item.data.materials.append(material)
    return item


def place(item, at=(0, 0, 0), turn=(0, 0, 0), scale=1.0):
    item.location, item.rotation_euler = Vector(at), [np.radians(a) for a in turn]
    item.scale = [scale] * 3 if np.isscalar(scale) else scale
    return item


def group(items, at=(0, 0, 0), turn=(0, 0, 0), scale=1.0):
    """Move a list of objects as one."""
    bpy.context.view_layer.update()
    frame = Matrix.LocRotScale(
        Vector(at),
        Matrix.Rotation(np.radians(turn[2]), 3, "Z")
        @ Matrix.Rotation(np.radians(turn[1]), 3, "Y")
        @ Matrix.Rotation(np.radians(turn[0]), 3, "X"),
        Vector([scale] * 3),
    )
    for item in items:
        item.matrix_world = frame @ item.matrix_world
    return items
