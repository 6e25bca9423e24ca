"""Procedural materials; every pattern is noise in object space."""

import bpy


class Nodes:
    """A thin builder over a material's node tree."""

    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = self.tree.nodes["Principled BSDF"]
        self.output = self.tree.nodes["Material Output"]
        self.position = self.tree.nodes.new("ShaderNodeTexCoord").outputs["Object"]

    def set(self, node, **inputs):
        """Give each named input a value, or link it to a socket."""
        for key, value in inputs.items():
            socket = node.inputs[key.replace("_", " ")]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            elif socket.type == "RGBA":
                socket.default_value = (*value, 1.0)[:4]
            else:
                socket.default_value = value
        return node

    def node(self, kind, **inputs):
        return self.set(self.tree.nodes.new(f"ShaderNode{kind}"), **inputs)

    def noise(self, scale, detail=4.0, roughness=0.5, vector=None):
        return self.node(
            "TexNoise", Scale=scale, Detail=detail, Roughness=roughness, Vector=vector or self.position
        ).outputs["Fac"]

    def cells(self, scale, feature="F1", vector=None):
        node = self.node("TexVoronoi", Scale=scale, Vector=vector or self.position)
        node.feature = feature
        return node.outputs["Distance"]

    def stretch(self, scale, turn=(0, 0, 0)):
        return self.node("Mapping", Vector=self.position, Scale=scale, Rotation=turn).outputs[0]

    def ramp(self, value, *stops):
        """Colour (r, g, b) or grey level stops at the given positions."""
        node = self.node("ValToRGB", Fac=value)
        band = node.color_ramp
        while len(band.elements) < len(stops):
            band.elements.new(0.5)
        for element, (position, colour) in zip(band.elements, stops):
            element.position = position
            element.color = (*colour, 1) if isinstance(colour, tuple) else (colour,) * 3 + (1,)
        return node.outputs["Color"]

    def mix(self, fac, a, b):
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = "RGBA"
        for socket, value in zip((node.inputs[0], node.inputs[6], node.inputs[7]), (fac, a, b)):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            else:
                socket.default_value = (*value, 1) if isinstance(value, tuple) else value
        return node.outputs[2]

    def math(self, operation, a, b=0.0, c=0.0):
        node = self.tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, (a, b, c)):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            else:
                socket.default_value = value
        return node.outputs[0]

    def axis(self, name):
        return self.node("SeparateXYZ", Vector=self.position).outputs[name]

    def bump(self, height, strength=0.2, distance=0.02, normal=None):
        node = self.node("Bump", Height=height, Strength=strength, Distance=distance)
        if normal:
            self.set(node, Normal=normal)
        return node.outputs["Normal"]

    def finish(self, **inputs):
        self.set(self.surface, **inputs)
        return self.material


def hexed(code):
    """Linear RGB of an sRGB hex colour."""
    parts = [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)


def plain(name, colour, roughness=0.4, **inputs):
    return Nodes(name).finish(Base_Color=hexed(colour), Roughness=roughness, **inputs)


def metal(name, colour="d9d9d6", roughness=0.18):
    n = Nodes(name)
    brushed = n.noise(40, vector=n.stretch((1, 1, 12)))
    rough = n.math("MULTIPLY_ADD", brushed, 0.12, roughness - 0.06)
    return n.finish(Base_Color=hexed(colour), Metallic=1.0, Roughness=rough)


def paper(name, colour, roughness=0.85):
    """Seamless studio paper: matte with a trace of fibre."""
    n = Nodes(name)
    return n.finish(
        Base_Color=hexed(colour),
        Roughness=roughness,
        Specular_IOR_Level=0.25,
        Normal=n.bump(n.noise(90, 6), 0.04, 0.01),
    )


def stoneware(name, glaze, clay="b08a66", line=0.28, lip=0.9, speckle="2b1d14"):
    """Speckled glaze dipped to a wavering line over raw clay, breaking brown at the lip."""
    n = Nodes(name)
    height = n.axis("Z")
    dip = n.math("MULTIPLY_ADD", n.noise(2.2, 2), 0.16, line - 0.08)
    glazed = n.math("MULTIPLY", n.math("SUBTRACT", height, dip), 60)
    glazed = n.node("Clamp", Value=glazed).outputs[0]
    bead = n.math("SUBTRACT", height, dip)
    thin = n.ramp(bead, (0.0, 1.0), (0.07, 0.0))
    tone = n.mix(n.noise(3.0, 5), hexed(glaze[0]), hexed(glaze[1]))
    tone = n.mix(thin, tone, hexed(glaze[2]))
    edge = n.math("MULTIPLY_ADD", n.noise(9, 3), 0.05, height)
    tone = n.mix(n.ramp(edge, (lip, 0.0), (lip + 0.045, 0.85)), tone, hexed(glaze[2]))
    spots = n.ramp(n.math("ADD", n.cells(17), n.math("MULTIPLY", n.noise(6), 0.5)), (0.27, 1.0), (0.31, 0.0))
    fine = n.ramp(n.math("ADD", n.cells(46), n.math("MULTIPLY", n.noise(15), 0.6)), (0.34, 0.8), (0.4, 0.0))
    spots = n.math("MAXIMUM", spots, fine)
    tone = n.mix(spots, tone, hexed(speckle))
    body = n.mix(n.noise(60, 6, 0.7), hexed(clay), tuple(0.62 * c for c in hexed(clay)))
    grit = n.bump(n.noise(70, 5), 0.5, 0.008)
    gloss = n.bump(n.noise(7, 2), 0.06, 0.03)
    normal = n.node("Mix")
    normal.data_type = "VECTOR"
    for socket, link in zip((normal.inputs[0], normal.inputs[4], normal.inputs[5]), (glazed, grit, gloss)):
        n.tree.links.new(link, socket)
    return n.finish(
        Base_Color=n.mix(glazed, body, tone),
        Roughness=n.math("MULTIPLY_ADD", glazed, -0.68, 0.8),
        Normal=normal.outputs[1],
    )


def enamel(name, colour):
    n = Nodes(name)
    return n.finish(
        Base_Color=hexed(colour),
        Roughness=0.16,
        Coat_Weight=0.6,
        Coat_Roughness=0.04,
        Normal=n.bump(n.noise(5, 2), 0.05, 0.03),
    )


def leather(name, colour, dark, grain=34):
    n = Nodes(name)
    cells = n.cells(grain, "DISTANCE_TO_EDGE")
    pores = n.math("MINIMUM", cells, 0.22)
    creases = n.noise(3, 6, 0.6)
    tone = n.mix(n.ramp(pores, (0.0, 0.4), (0.14, 0.0)), hexed(colour), hexed(dark))
    tone = n.mix(n.ramp(creases, (0.4, 0.0), (0.75, 0.5)), tone, hexed(dark))
    return n.finish(
        Base_Color=tone,
        Roughness=n.math("MULTIPLY_ADD", creases, 0.25, 0.3),
        Normal=n.bump(n.math("ADD", pores, n.math("MULTIPLY", creases, 0.15)), 0.32, 0.02),
        Sheen_Weight=0.08,
    )


def wood(name, light, dark, scale=1.0, turn=(0, 0, 0), gloss=0.42):
    """Straight-grained timber along x."""
    n = Nodes(name)
    space = n.stretch((0.35 * scale, 3.2 * scale, 3.2 * scale), turn)
    warped = n.node("TexNoise", Vector=space, Scale=1.6, Detail=3.0, Roughness=0.5, Distortion=0.6)
    rings = n.node("TexWave", Vector=space, Scale=1.3, Distortion=9.0, Detail=3.0, Detail_Scale=1.2)
    rings.bands_direction = "Z"
    pores = n.noise(26, 6, 0.65, n.stretch((0.5 * scale, 9 * scale, 9 * scale), turn))
    tone = n.math("MULTIPLY_ADD", rings.outputs["Fac"], 0.45, n.math("MULTIPLY", warped.outputs["Fac"], 0.55))
    tone = n.math("MULTIPLY_ADD", pores, 0.35, n.math("MULTIPLY", tone, 0.75))
    return n.finish(
        Base_Color=n.ramp(tone, (0.25, hexed(light)), (0.8, hexed(dark))),
        Roughness=n.math("MULTIPLY_ADD", pores, 0.2, gloss - 0.1),
        Normal=n.bump(pores, 0.12, 0.01),
    )


def porcelain(name, colour="f4f2ee", roughness=0.22):
    return plain(name, colour, roughness, Subsurface_Weight=0.12, Subsurface_Scale=0.06)


def plastic(name, colour, roughness=0.35, grain=0.0):
    n = Nodes(name)
    inputs = {"Normal": n.bump(n.noise(160, 2), grain, 0.004)} if grain else {}
    return n.finish(Base_Color=hexed(colour), Roughness=roughness, **inputs)


def fabric(name, colour, dark, scale=60, sheen=0.4):
    n = Nodes(name)
    x = n.node("TexWave", Vector=n.position, Scale=scale).outputs["Fac"]
    across = n.node("TexWave", Vector=n.stretch((1, 1, 1), (0, 0.9, 1.57)), Scale=scale).outputs["Fac"]
    weave = n.math("MULTIPLY", x, across)
    tone = n.mix(
        n.math("MULTIPLY_ADD", n.noise(12, 5), 0.5, n.math("MULTIPLY", weave, 0.5)),
        hexed(dark),
        hexed(colour),
    )
    return n.finish(Base_Color=tone, Roughness=0.9, Sheen_Weight=sheen, Normal=n.bump(weave, 0.5, 0.01))


def glass(name, colour="ffffff", roughness=0.0, ior=1.48):
    """Glass that lets light through to its own shadow, which path tracing alone leaves dark."""
    n = Nodes(name)
    n.set(n.surface, Base_Color=hexed(colour), Roughness=roughness, Transmission_Weight=1.0, IOR=ior)
    path = n.node("LightPath").outputs
    soft = n.math("MAXIMUM", path["Is Shadow Ray"], path["Is Diffuse Ray"])
    clear = n.node("BsdfTransparent", Color=tuple(0.9 * c for c in hexed(colour)))
    mixed = n.node("MixShader", Fac=soft)
    n.tree.links.new(n.surface.outputs[0], mixed.inputs[1])
    n.tree.links.new(clear.outputs[0], mixed.inputs[2])
    n.tree.links.new(mixed.outputs[0], n.output.inputs["Surface"])
    return n.material


def cork(name):
    n = Nodes(name)
    grain = n.cells(26)
    tone = n.math("MULTIPLY_ADD", n.noise(18, 6, 0.7), 0.7, n.math("MULTIPLY", grain, 0.5))
    return n.finish(
        Base_Color=n.ramp(tone, (0.3, hexed("6b4526")), (0.45, hexed("c79a66")), (0.8, hexed("dcb684"))),
        Roughness=0.85,
        Normal=n.bump(tone, 0.5, 0.02),
    )


def hair(name, colour, roughness=0.35, vary=0.3):
    """Hair whose strands differ in shade; colour is what a lit lock looks like."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.remove(tree.nodes["Principled BSDF"])
    node = tree.nodes.new("ShaderNodeBsdfHairPrincipled")
    node.parametrization = "COLOR"
    node.inputs["Roughness"].default_value = roughness
    node.inputs["Radial Roughness"].default_value = 0.6
    info = tree.nodes.new("ShaderNodeHairInfo")
    shade = tree.nodes.new("ShaderNodeValToRGB")
    for element, factor in zip(shade.color_ramp.elements, (1 - vary, 1 + vary)):
        element.color = (*(min(c * factor, 0.98) for c in hexed(colour)), 1)
    tree.links.new(info.outputs["Random"], shade.inputs["Fac"])
    tree.links.new(shade.outputs["Color"], node.inputs["Color"])
    tree.links.new(node.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return material
