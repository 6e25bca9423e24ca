"""The photo studio: seamless sweep, softboxes, camera, and the render passes."""

import os
import tempfile

import bpy
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Vector

from . import shapes


def clear(size, seed):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "32"
    scene.world = bpy.data.worlds.new("world")
    ambient((0.5, 0.5, 0.5), 0.35)
    cycles = scene.cycles
    cycles.seed = seed
    cycles.use_denoising = True
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.025
    cycles.max_bounces, cycles.diffuse_bounces = 8, 3
    cycles.sample_clamp_indirect = 6
    cycles.caustics_refractive = cycles.caustics_reflective = False
    cycles.blur_glossy = 0.5


def ambient(colour, strength):
    world = bpy.context.scene.world
    world.use_nodes = True
    node = world.node_tree.nodes["Background"]
    node.inputs["Color"].default_value = (*colour, 1)
    node.inputs["Strength"].default_value = strength


def sweep(material, depth=9.0, width=60.0, radius=5.0, front=-30.0, height=30.0):
    """A seamless cyclorama: floor, quarter-round and wall."""
    profile = shapes.fillet([(front, 0), (depth, 0, radius), (depth, height)], steps=48)
    vertices = [(x, y, z) for y, z in profile for x in (-width / 2, width / 2)]
    faces = [(2 * i, 2 * i + 1, 2 * i + 3, 2 * i + 2) for i in range(len(profile) - 1)]
    return shapes.mesh("sweep", vertices, faces, material)


def softbox(at, size, power, target=(0, 0, 0.5), colour=(1, 1, 1), spread=180):
    light = bpy.data.lights.new("softbox", "AREA")
    light.shape, light.size, light.size_y = "RECTANGLE", *size
    light.energy, light.color, light.spread = power, colour, np.radians(spread)
    item = shapes.link("softbox", light)
    item.location = at
    item.rotation_euler = (Vector(target) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    item.visible_camera = False
    return item


def camera(at, target, lens=85, fstop=None, focus=None, shift=(0, 0)):
    data = bpy.data.cameras.new("camera")
    data.lens, data.shift_x, data.shift_y = lens, *shift
    data.clip_start, data.clip_end = 0.1, 500
    item = shapes.link("camera", data)
    item.location = at
    item.rotation_euler = (Vector(target) - Vector(at)).to_track_quat("-Z", "Y").to_euler()
    if fstop:
        # One unit is ten centimetres, so real f-numbers are a tenth.
        data.dof.use_dof, data.dof.aperture_fstop = True, fstop / 10
        data.dof.aperture_blades = 9
        data.dof.focus_distance = (Vector(focus or target) - Vector(at)).length
    bpy.context.scene.camera = item
    return item


def frame(items, margin):
    """Limit rendering to the items' outline in the picture, in fractions of it."""
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    depsgraph = bpy.context.evaluated_depsgraph_get()
    low, high = np.ones(2), np.zeros(2)
    for item in items:
        box = item.evaluated_get(depsgraph).bound_box
        for corner in box:
            at = world_to_camera_view(scene, scene.camera, item.matrix_world @ Vector(corner))
            low, high = np.minimum(low, at[:2]), np.maximum(high, at[:2])
    render = scene.render
    render.border_min_x, render.border_min_y = np.clip(low - margin, 0, 1)
    render.border_max_x, render.border_max_y = np.clip(high + margin, 0, 1)
    render.use_border = True


def render(samples, transparent=False, percent=100):
    """One render as premultiplied linear RGBA, top row first."""
    scene = bpy.context.scene
    scene.render.resolution_percentage = percent
    scene.cycles.samples = samples
    scene.render.film_transparent = transparent
    with tempfile.TemporaryDirectory() as folder:
        scene.render.filepath = os.path.join(folder, "pass.exr")
        bpy.ops.render.render(write_still=True)
        image = bpy.data.images.load(scene.render.filepath)
        pixels = np.empty(len(image.pixels), np.float32)
        image.pixels.foreach_get(pixels)
        width, height = image.size
        bpy.data.images.remove(image)
    scene.render.use_border = False
    return pixels.reshape(height, width, 4)[::-1]


def enlarge(image, width, height):
    """Bilinear scaling between pixel centres."""
    for axis, size in ((0, height), (1, width)):
        old = image.shape[axis]
        at = np.clip((np.arange(size) + 0.5) * old / size - 0.5, 0, old - 1)
        low = np.minimum(at.astype(int), old - 2)
        share = (at - low).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        image = np.take(image, low, axis) * (1 - share) + np.take(image, low + 1, axis) * share
    return image


def show(items, visible):
    for item in items:
        item.visible_camera = visible


def empty_set(product, samples, smooth):
    """The set without the product but with its shadows; a smooth sweep needs half the pixels only."""
    scene = bpy.context.scene
    show(product, False)
    plate = render(max(samples // 2, 16), percent=50 if smooth else 100)[..., :3]
    show(product, True)
    return enlarge(plate, scene.render.resolution_x, scene.render.resolution_y) if smooth else plate


def solid_passes(product, samples, smooth, margin=0.03):
    """The set with the product hidden from the camera only, and the product alone.

    Both keep the shadows, bounce light and reflections of the whole set.
    """
    others = [o for o in bpy.data.objects if o.type not in ("LIGHT", "CAMERA") and o not in product]
    plate = empty_set(product, samples, smooth)
    show(others, False)
    frame(product, margin)
    alone = render(samples, transparent=True)
    show(others, True)
    return plate, alone[..., :3], np.clip(alone[..., 3], 0, 1)


def backdrop_switch(material):
    """Give a sweep a flat luminous stand-in that only the camera sees, also through glass.

    Returns a function setting the stand-in's level, or None for the real sweep.
    """
    tree = material.node_tree
    nodes = tree.nodes
    output = nodes["Material Output"]
    real = output.inputs["Surface"].links[0].from_socket
    path, flat, mixed = (nodes.new(f"ShaderNode{kind}") for kind in ("LightPath", "Emission", "MixShader"))
    seen = nodes.new("ShaderNodeMath")
    seen.operation = "MAXIMUM"
    tree.links.new(path.outputs["Is Camera Ray"], seen.inputs[0])
    tree.links.new(path.outputs["Is Transmission Ray"], seen.inputs[1])
    tree.links.new(seen.outputs[0], mixed.inputs[0])
    tree.links.new(real, mixed.inputs[1])
    tree.links.new(flat.outputs[0], mixed.inputs[2])

    def switch(level):
        if level is None:
            tree.links.new(real, output.inputs["Surface"])
            return
        flat.inputs["Color"].default_value = (level, level, level, 1)
        tree.links.new(mixed.outputs[0], output.inputs["Surface"])

    return switch


def glass_passes(product, backdrop, samples, margin=0.03):
    """The empty set, the full picture, the product over black and over a flat level, and that level."""
    bpy.context.scene.cycles.max_bounces = bpy.context.scene.cycles.transmission_bounces = 16
    switch = backdrop_switch(backdrop)
    plate = empty_set(product, samples, True)
    level = float(np.percentile(plate.mean(-1), 85))
    views = []
    for stand_in in (None, 0.0, level):
        switch(stand_in)
        frame(product, margin)
        views.append(render(samples))
    inside = views[0][..., 3:] > 0
    full, black, bright = (view[..., :3] for view in views)
    return plate, np.where(inside, full, plate), black, np.where(inside, bright, level), level
