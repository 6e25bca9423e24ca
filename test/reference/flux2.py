"""Makes a tiny FLUX.2 klein with random weights, and what diffusers draws with it.

    pip install torch diffusers==0.42.1 transformers==5.24.0 onnx onnxscript onnxruntime
    python test/reference/flux2.py && npx prettier --write test/reference/flux2.json

The graphs have the names and shapes of HF:hlhc/FLUX.2-klein-4B-onnx, pre- and post-processing inside of them.
"""

import json

import numpy as np
import torch
from clip_vocabulary import PROMPTS
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2KleinPipeline, Flux2Transformer2DModel
from diffusers.pipelines.flux2.pipeline_flux2_klein import compute_empirical_mu
from diffusion import FIXTURES, HERE, SIDE, export, livelier, rounded
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3ForCausalLM

FOLDER = "tiny-flux2"
WIDTH, LENGTH, LAYERS = 8, 48, (1, 2, 3)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>"]
# What Qwen3's chat template makes of one message of a user, without thinking.
TEMPLATE = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n"


def rms_norm(self, values):
    """torch's own has no form in ONNX that the exporter knows."""
    eps = torch.finfo(values.dtype).eps if self.eps is None else self.eps
    values = values * torch.rsqrt(values.pow(2).mean(-1, keepdim=True) + eps)
    return values if self.weight is None else values * self.weight


torch.nn.RMSNorm.forward = rms_norm


def tokenizer():
    """Qwen2's way of reading bytes, with merges learned from the prompts of the tests."""
    blank = Qwen2Tokenizer(vocab={"<|endoftext|>": 0}, merges=[]).backend_tokenizer
    learned = Tokenizer(BPE())
    learned.normalizer, learned.pre_tokenizer = blank.normalizer, blank.pre_tokenizer
    alphabet = sorted(set(json.loads((FIXTURES / "clip" / "vocab.json").read_text())))
    letters = [token for token in alphabet if len(token) == 1]
    trainer = BpeTrainer(vocab_size=420, initial_alphabet=letters, special_tokens=["<|endoftext|>"], show_progress=False)
    learned.train_from_iterator([*PROMPTS, "user assistant"], trainer)
    model = json.loads(learned.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    made = Qwen2Tokenizer(vocab=model["vocab"], merges=merges, pad_token="<|endoftext|>")
    made.add_special_tokens({"additional_special_tokens": SPECIAL[1:3]})
    made.add_tokens(SPECIAL[3:])
    # As an expression, lest the template's last line break is lost.
    before, after = TEMPLATE.split("{}")
    made.chat_template = "{{ %s + messages[0].content + %s }}" % (json.dumps(before), json.dumps(after))
    made.padding_side = "right"
    return made


def parts(words):
    torch.manual_seed(9)
    encoder = Qwen3ForCausalLM(
        Qwen3Config(
            vocab_size=len(words),
            hidden_size=WIDTH,
            intermediate_size=16,
            num_hidden_layers=4,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=4,
            pad_token_id=0,
        )
    )
    encoder.get_input_embeddings().weight.data.mul_(40)
    transformer = Flux2Transformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=8,
        num_attention_heads=2,
        joint_attention_dim=3 * WIDTH,
        timestep_guidance_channels=8,
        axes_dims_rope=(2, 2, 2, 2),
        guidance_embeds=False,
    )
    vae = AutoencoderKLFlux2(
        block_out_channels=(4, 4, 4, 4),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=2,
        sample_size=SIDE,
    )
    vae.bn.running_mean.uniform_(-1, 1)
    vae.bn.running_var.uniform_(0.5, 2)
    return livelier(encoder), livelier(transformer), livelier(vae)


class TextEncoder(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, input_ids, attention_mask):
        # The mask that the module makes by itself cannot be exported.
        count = input_ids.shape[1]
        causal = torch.full((count, count), torch.finfo(torch.float32).min).triu(1)[None, None]
        padding = (1 - attention_mask[:, None, None].float()) * torch.finfo(torch.float32).min
        mask = torch.clamp(causal + padding, min=torch.finfo(torch.float32).min)
        out = self.module(input_ids, attention_mask=mask, output_hidden_states=True, use_cache=False)
        return torch.cat([out.hidden_states[layer] for layer in LAYERS], -1)


class Transformer(torch.nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, hidden_states, encoder_hidden_states, timestep, img_ids, txt_ids):
        return self.module(
            hidden_states=hidden_states,
            encoder_hidden_states=encoder_hidden_states,
            timestep=timestep,
            img_ids=img_ids,
            txt_ids=txt_ids,
            return_dict=False,
        )[0]


class Decoder(torch.nn.Module):
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, latents):
        deviation = torch.sqrt(self.vae.bn.running_var.view(1, -1, 1, 1) + self.vae.config.batch_norm_eps)
        latents = latents * deviation + self.vae.bn.running_mean.view(1, -1, 1, 1)
        return self.vae.decode(Flux2KleinPipeline._unpatchify_latents(latents)).sample


class Encoder(torch.nn.Module):
    def __init__(self, vae):
        super().__init__()
        self.vae = vae

    def forward(self, image):
        latents = Flux2KleinPipeline._patchify_latents(self.vae.encode(image).latent_dist.mode())
        deviation = torch.sqrt(self.vae.bn.running_var.view(1, -1, 1, 1) + self.vae.config.batch_norm_eps)
        return (latents - self.vae.bn.running_mean.view(1, -1, 1, 1)) / deviation


def export_all(encoder, transformer, vae):
    cells = SIDE // 16
    mask = torch.ones(1, LENGTH, dtype=torch.int64)
    ids = torch.randint(0, 400, (1, LENGTH))
    export(FOLDER, "text_encoder", TextEncoder(encoder), {"input_ids": ids, "attention_mask": mask}, ["prompt_embeds"], {})
    inputs = {
        "hidden_states": torch.randn(1, cells * cells, 16),
        "encoder_hidden_states": torch.randn(1, LENGTH, 3 * WIDTH),
        "timestep": torch.tensor([0.6]),
        "img_ids": Flux2KleinPipeline._prepare_latent_ids(torch.zeros(1, 16, cells, cells)).float(),
        "txt_ids": Flux2KleinPipeline._prepare_text_ids(torch.zeros(1, LENGTH, 1)).float(),
    }
    # The exporter fixes the number of cells, not how they lie.
    export(FOLDER, "transformer", Transformer(transformer), inputs, ["noise_pred"], {})
    sides = {2: "height", 3: "width"}
    latents = {"latents": torch.randn(1, 16, cells, cells)}
    export(FOLDER, "vae_decoder", Decoder(vae), latents, ["image"], {"latents": sides, "image": sides})
    image = {"image": torch.rand(1, 3, SIDE, SIDE)}
    export(FOLDER, "vae_encoder", Encoder(vae), image, ["latents"], {"latents": sides, "image": sides})


def draw(pipe, seed, width, height, **asked):
    steps = []

    def keep(_, i, t, values):
        # Tokens to channels, rows and columns.
        steps.append(rounded(values["latents"][0].T))
        return values

    with torch.no_grad():
        picture = pipe(
            **{"width": width, "height": height, "output_type": "pt", "callback_on_step_end": keep, **asked},
            generator=torch.Generator("cpu").manual_seed(seed),
            max_sequence_length=LENGTH,
            text_encoder_out_layers=LAYERS,
        ).images
    return {
        "timesteps": rounded(pipe.scheduler.timesteps, 7),
        "latents": steps,
        "picture": rounded(picture.numpy().ravel()[::17] * 2 - 1, 4),
    }


def sigmas(scheduler, steps, cells):
    scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps), mu=compute_empirical_mu(cells, steps))
    return rounded(scheduler.sigmas, 7)


if __name__ == "__main__":
    words = tokenizer()
    encoder, transformer, vae = parts(words)
    export_all(encoder, transformer, vae)
    (FIXTURES / FOLDER / "tokenizer.json").write_text(words.backend_tokenizer.to_str())
    scheduler = FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1000, shift=3.0, use_dynamic_shifting=True, time_shift_type="exponential"
    )
    pipe = Flux2KleinPipeline(scheduler, vae, encoder, words, transformer, is_distilled=True)
    pipe.set_progress_bar_config(disable=True)
    texts = [TEMPLATE.format(prompt) for prompt in PROMPTS]
    ids = words(texts, padding="max_length", truncation=True, max_length=LENGTH).input_ids
    pad = words.pad_token_id
    result = {
        "ids": [row[: max(i for i in range(LENGTH) if row[i] != pad) + 1] for row in ids],
        "pad": pad,
        "square": draw(pipe, 3, SIDE, SIDE, prompt="a mug on a marble table \u2615", num_inference_steps=4),
        "wide": draw(pipe, 4, 2 * SIDE, SIDE // 2, prompt="vases by the window, studio", num_inference_steps=6),
    }
    sizes = [(4, 4096), (1, 1024), (50, 4096), (4, 5000)]
    result["sigmas"] = [[*size, sigmas(scheduler, *size)] for size in sizes]
    (HERE / "flux2.json").write_text(json.dumps(result) + "\n")
