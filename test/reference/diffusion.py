"""Makes tiny Stable Diffusion networks with random weights, and what diffusers draws with them.

    pip install torch diffusers==0.42.1 transformers==5.24.0 onnx onnxscript onnxruntime
    python test/reference/diffusion.py && npx prettier --write test/reference/diffusion.json

The graphs have the names and shapes of the exports that are published, at a size of kilobytes; they read the
vocabulary of test/reference/clip_vocabulary.py. diffusers' own pipelines run the same modules in PyTorch, with a
generator of the CPU; their latents after each step are what our steps are compared with.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from diffusers import (
    AutoencoderKL,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    LCMScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent / "fixtures" / "models"
CLIP = FIXTURES / "clip"
SIDE = 64
TRAINED = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
}
WIDTH = 8


def tokenizer(padding):
    merges = [tuple(line.split(" ")) for line in (CLIP / "merges.txt").read_text().splitlines()[1:]]
    vocab = json.loads((CLIP / "vocab.json").read_text())
    return CLIPTokenizer(vocab=vocab, merges=merges, pad_token=padding, model_max_length=77)


def encoder(cls):
    config = CLIPTextConfig(
        vocab_size=len(json.loads((CLIP / "vocab.json").read_text())),
        hidden_size=WIDTH,
        intermediate_size=16,
        projection_dim=WIDTH,
        num_hidden_layers=3,
        num_attention_heads=2,
        eos_token_id=tokenizer("!").eos_token_id,
        bos_token_id=tokenizer("!").bos_token_id,
    )
    return livelier(cls(config))


def unet(**changes):
    return livelier(
        UNet2DConditionModel(
            sample_size=SIDE // 8,
            block_out_channels=(4, 8),
            layers_per_block=1,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            attention_head_dim=(2, 2),
            norm_num_groups=2,
            use_linear_projection=True,
            **{"cross_attention_dim": WIDTH, **changes},
        )
    )


def unet_xl():
    return unet(
        cross_attention_dim=2 * WIDTH,
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=6 * 4 + WIDTH,
    )


def vae(scale):
    return livelier(
        AutoencoderKL(
            block_out_channels=(4, 4, 8, 8),
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=1,
            norm_num_groups=2,
            sample_size=SIDE,
            scaling_factor=scale,
        )
    )


def livelier(module):
    """Random weights large enough that every part of the network shows in what it answers."""
    for name, weight in module.named_parameters():
        if weight.dim() > 1 and "embed" not in name:
            weight.data.mul_(1.6)
    return module.eval().requires_grad_(False)


class TextEncoder(torch.nn.Module):
    def __init__(self, module, penultimate):
        super().__init__()
        self.module, self.penultimate = module, penultimate

    def forward(self, input_ids):
        out = self.module(input_ids.long(), output_hidden_states=True)
        if not self.penultimate:
            return out.last_hidden_state, out.pooler_output
        pooled = out.text_embeds if hasattr(out, "text_embeds") else out.pooler_output
        return (out.last_hidden_state, pooled, *out.hidden_states)


class Unet(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, sample, timestep, encoder_hidden_states, text_embeds=None, time_ids=None, timestep_cond=None):
        added = None if text_embeds is None else {"text_embeds": text_embeds, "time_ids": time_ids}
        return self.module(
            sample, timestep, encoder_hidden_states, timestep_cond=timestep_cond, added_cond_kwargs=added
        ).sample


class Decoder(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, latent_sample):
        return self.module.decode(latent_sample).sample


class Encoder(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, sample):
        return self.module.encode(sample).latent_dist.parameters


def export(folder, name, module, inputs, outputs, axes, beside=False):
    path = FIXTURES / folder / f"{name}.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(inputs)
    with torch.no_grad():
        torch.onnx.export(
            module,
            tuple(inputs.values()),
            str(path),
            input_names=names,
            output_names=outputs,
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        expected = module(*inputs.values())
    model = onnx.load(path)
    shorten(model.graph)
    if beside:
        data = f"{name}.onnx_data"
        (path.parent / data).unlink(missing_ok=True)
        onnx.save(model, path, save_as_external_data=True, location=data, size_threshold=256)
    else:
        onnx.save(model, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answer = session.run(outputs[:1], {key: value.numpy() for key, value in inputs.items()})[0]
    expected = expected[0] if isinstance(expected, tuple) else expected
    assert np.abs(answer - expected.numpy()).max() < (0.02 if answer.dtype == np.float16 else 1e-4), name


def shorten(graph):
    """Numbers what is inside: the exporter's names would be half of a tiny file."""
    kept = {value.name for value in [*graph.input, *graph.output]}
    numbers = {}

    def short(name):
        return name if name in kept or not name else numbers.setdefault(name, f"t{len(numbers)}")

    def nodes_of(graph):
        for node in graph.node:
            node.name = node.doc_string = ""
            node.input[:] = map(short, node.input)
            node.output[:] = map(short, node.output)
            for branch in (attribute.g for attribute in node.attribute if attribute.HasField("g")):
                nodes_of(branch)
                for value in branch.output:
                    value.name = short(value.name)

    nodes_of(graph)
    for weight in graph.initializer:
        weight.name = short(weight.name)
    del graph.value_info[:]


def export_encoder(folder, name, module, penultimate, ids=torch.int64, beside=False):
    states = [f"hidden_states.{i}" for i in range(4)] if penultimate else []
    pooled = "text_embeds" if isinstance(module, CLIPTextModelWithProjection) else "pooler_output"
    outputs = ["last_hidden_state", pooled, *states]
    export(
        folder,
        name,
        TextEncoder(module, penultimate),
        {"input_ids": torch.randint(0, 800, (1, 77)).to(ids)},
        outputs,
        {"input_ids": {0: "batch"}, **{output: {0: "batch"} for output in outputs}},
        beside,
    )


def export_unet(folder, module, xl=False, time=torch.int64, cond=False, dtype=torch.float32, beside=False, name="unet"):
    inputs = {
        "sample": torch.randn(1, 4, SIDE // 8, SIDE // 8, dtype=dtype),
        "timestep": torch.tensor([321], dtype=time) if time != torch.float32 else torch.tensor(321.0),
        "encoder_hidden_states": torch.randn(1, 77, WIDTH * (2 if xl else 1), dtype=dtype),
    }
    axes = {
        "sample": {0: "batch", 2: "height", 3: "width"},
        "encoder_hidden_states": {0: "batch"},
        "out_sample": {0: "batch", 2: "height", 3: "width"},
    }
    wrapped = Unet(module)
    if xl:
        inputs["text_embeds"] = torch.randn(1, WIDTH, dtype=dtype)
        inputs["time_ids"] = torch.tensor([[64.0, 64, 0, 0, 64, 64]], dtype=dtype)
        axes |= {"text_embeds": {0: "batch"}, "time_ids": {0: "batch"}}
    if cond:
        inputs["timestep_cond"] = torch.randn(1, 256, dtype=dtype)
        axes["timestep_cond"] = {0: "batch"}
        wrapped.forward = lambda s, t, e, c: Unet.forward(wrapped, s, t, e, timestep_cond=c)
    export(folder, name, wrapped, inputs, ["out_sample"], axes, beside)


def export_vae(folder, module, dtype=torch.float32):
    cells = {"latent_sample": torch.randn(1, 4, SIDE // 8, SIDE // 8, dtype=dtype)}
    sides = {0: "batch", 2: "height", 3: "width"}
    export(folder, "vae_decoder", Decoder(module), cells, ["sample"], {"latent_sample": sides, "sample": sides})
    pixels = {"sample": torch.rand(1, 3, SIDE, SIDE, dtype=dtype)}
    outputs = ["latent_parameters"]
    export(folder, "vae_encoder", Encoder(module), pixels, outputs, {"sample": sides, "latent_parameters": sides})


def rounded(values, digits=5):
    return [float(f"{value:.{digits}g}") for value in np.asarray(values, np.float64).ravel()]


def draw(pipe, scheduler, seed, change=None, **asked):
    """What a pipeline draws: the latents after each step, and the picture in -1..1, every third value of it."""
    pipe.scheduler = scheduler
    steps = []

    def keep(pipe, i, t, values):
        values = change(pipe, i, t, values) if change else values
        steps.append(rounded(values["latents"]))
        return values

    generator = torch.Generator("cpu").manual_seed(seed)
    asked = {"height": SIDE, "width": SIDE, "generator": generator, **asked}
    with torch.no_grad():
        latents = pipe(output_type="latent", callback_on_step_end=keep, **asked).images
        picture = pipe.vae.decode(latents / pipe.vae.config.scaling_factor).sample
    return {
        "timesteps": rounded(scheduler.timesteps, 7),
        "latents": steps,
        "picture": rounded(picture.numpy().ravel()[::17], 4),
    }


def stable_diffusion(scale=0.18215, **changes):
    torch.manual_seed(3)
    parts = {"text_encoder": encoder(CLIPTextModel), "vae": vae(scale), "unet": unet(**changes)}
    pipe = StableDiffusionPipeline(
        **parts,
        tokenizer=tokenizer("!"),
        scheduler=EulerDiscreteScheduler(**TRAINED),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def turbo():
    pipe = stable_diffusion()
    export_encoder("tiny-sd", "text_encoder", pipe.text_encoder, False, ids=torch.int32)
    export_unet("tiny-sd", pipe.unet, time=torch.int64)
    export_vae("tiny-sd", pipe.vae)
    scheduler = EulerDiscreteScheduler(**TRAINED, timestep_spacing="trailing")
    prompt = "a mug on a marble table, studio"
    latents = torch.randn(1, 4, SIDE // 8, SIDE // 8, generator=torch.Generator("cpu").manual_seed(2))
    pipe.vae.enable_tiling()
    pipe.vae.tile_latent_min_size, pipe.vae.tile_sample_min_size = 4, 32
    with torch.no_grad():
        tiled = pipe.vae.decode(latents).sample
    pipe.vae.disable_tiling()
    return {
        "trailing": draw(pipe, scheduler, 7, prompt=prompt, num_inference_steps=4, guidance_scale=1.0),
        "tiled": {"latents": rounded(latents), "picture": rounded(tiled.numpy().ravel()[::17], 4)},
    }


def consistency():
    """A latent consistency model, which takes the guidance as an input."""
    pipe = stable_diffusion(time_cond_proj_dim=256)
    export_unet("tiny-lcm", pipe.unet, time=torch.float32, cond=True)
    prompt = "a lamp by the window"
    scheduler = LCMScheduler(**TRAINED, clip_sample=False, set_alpha_to_one=True)
    return {"lcm": draw(pipe, scheduler, 11, prompt=prompt, num_inference_steps=4, guidance_scale=6.0)}


def stable_diffusion_xl(scale=0.13025):
    torch.manual_seed(5)
    pipe = StableDiffusionXLPipeline(
        text_encoder=encoder(CLIPTextModel),
        text_encoder_2=encoder(CLIPTextModelWithProjection),
        tokenizer=tokenizer("<|endoftext|>"),
        tokenizer_2=tokenizer("!"),
        unet=unet_xl(),
        vae=vae(scale),
        scheduler=EulerDiscreteScheduler(**TRAINED),
        force_zeros_for_empty_prompt=True,
        add_watermarker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def xl():
    pipe = stable_diffusion_xl()
    export_encoder("tiny-xl", "text_encoder", pipe.text_encoder, True)
    export_encoder("tiny-xl", "text_encoder_2", pipe.text_encoder_2, True)
    export_unet("tiny-xl", pipe.unet, xl=True, time=torch.float32, beside=True)
    export_vae("tiny-xl", pipe.vae)
    asked = {"prompt": "two chairs in a forest, 35mm photo \u2615!", "num_inference_steps": 5, "guidance_scale": 5.0}
    leading = EulerDiscreteScheduler(**TRAINED, timestep_spacing="leading")
    velocity = EulerDiscreteScheduler(**TRAINED, timestep_spacing="leading", prediction_type="v_prediction")
    ancestral = EulerAncestralDiscreteScheduler(**TRAINED, timestep_spacing="trailing")
    plain = {"prompt": "vases on a marble table", "guidance_scale": 1.0}
    result = {
        "leading": draw(pipe, leading, 3, **asked, negative_prompt="people, text, watermark"),
        "zeros": draw(pipe, leading, 4, **asked),
        "velocity": draw(pipe, velocity, 5, **asked, negative_prompt="people"),
        "ancestral": draw(pipe, ancestral, 2**32 - 1, **plain, num_inference_steps=4),
        "lcm": draw(pipe, LCMScheduler(**TRAINED, set_alpha_to_one=True), 9, **plain, num_inference_steps=8),
        "around": around(pipe, ancestral, 6, **plain, num_inference_steps=4),
        "around_lcm": around(pipe, LCMScheduler(**TRAINED), 6, **plain, num_inference_steps=3),
    }
    half = pipe.unet.half()
    export_unet("tiny-xl", half, xl=True, time=torch.int64, dtype=torch.float16, name="unet_fp16")
    return result


def product():
    """A picture with its product's mask: test/diffusion/support.ts makes the same."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    picture = np.stack([x * 3 % 256, y * 3 % 256, (x + y) % 256], -1).astype(np.uint8)
    return picture, ((x >= 20) & (x < 41) & (y >= 17) & (y < 50)).astype(np.float32)


def around(pipe, scheduler, seed, **asked):
    """Draws around the product: after each step its own latents are put back with the noise of the next."""
    picture, mask = product()
    pixels = torch.from_numpy(picture).permute(2, 0, 1)[None] / 127.5 - 1
    with torch.no_grad():
        clean = pipe.vae.encode(pixels).latent_dist.mode() * pipe.vae.config.scaling_factor
    keep = torch.nn.functional.max_pool2d(torch.from_numpy(mask)[None, None], 8)
    noise = torch.randn(clean.shape, generator=torch.Generator("cpu").manual_seed(seed))
    count = asked["num_inference_steps"]

    def put_back(_, i, t, values):
        own = clean if i + 1 == count else scheduler.add_noise(clean, noise, scheduler.timesteps[i + 1 : i + 2])
        values["latents"] = keep * own + (1 - keep) * values["latents"]
        return values

    return draw(pipe, scheduler, seed, put_back, **asked)


def noise():
    """What torch's generator of the CPU gives for a seed."""

    def first(seed, counts):
        generator = torch.Generator("cpu").manual_seed(seed)
        return [rounded(torch.randn(count, generator=generator).numpy()[-24:], 7) for count in counts]

    seeds = [0, 7, 2**31, 2**32 - 1]
    return {str(seed): first(seed, [16, 37, 4096, 1003]) for seed in seeds}


CASES = {"noise": noise, "tiny-sd": turbo, "tiny-lcm": consistency, "tiny-xl": xl}

if __name__ == "__main__":
    path = HERE / "diffusion.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    for name in sys.argv[1:] or CASES:
        known[name] = CASES[name]()
    path.write_text(json.dumps(known) + "\n")
