"""Makes a tiny Grounding DINO with random weights, and what transformers finds with it.

    pip install torch transformers==5.24.0 onnx onnxscript onnxruntime
    python test/reference/grounding_dino.py && npx prettier --write test/reference/grounding_dino.json

The graph has the names and shapes of HF:onnx-community/grounding-dino-tiny-ONNX, and BERT's way of cutting words.
"""

import json

import numpy as np
import torch
from diffusion import FIXTURES, HERE, export, rounded
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import GroundingDinoConfig, GroundingDinoForObjectDetection
from transformers.models.grounding_dino import modeling_grounding_dino as parts
from transformers.models.grounding_dino.processing_grounding_dino import get_phrases_from_posmap

FOLDER = "tiny-grounding-dino"
WIDTH, HEIGHT, WORDS, THRESHOLD = 96, 64, 32, 0.25
# Places that the network knows by number: the ends of a text, a full stop and a question mark.
PLACES = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, ".": 1012, "?": 1029}
PIECES = ["a", "red", "bottle", "of", "water", "mug", "chair", "##s", "tea", "##pot", "on", "the", "table", "caf", "##e"]
TEXTS = ["bottle.", "a red bottle. teapots.", "mug of water. chair.", "the cafe."]
SEED = 5


def vocabulary():
    words = {f"[unused{i}]": i for i in range(1030)}
    taken = set(PLACES.values())
    free = (i for i in range(103, 1030) if i not in taken)
    named = {**PLACES, **{piece: next(free) for piece in PIECES}}
    kept = {word: i for word, i in words.items() if i not in set(named.values())}
    return {**kept, **named}


def tokenizer():
    made = Tokenizer(models.WordPiece(vocabulary(), unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    ends = [(name, PLACES[name]) for name in ("[CLS]", "[SEP]")]
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ends
    )
    made.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    return made


def network():
    torch.manual_seed(SEED)
    config = GroundingDinoConfig(
        backbone_config={
            "model_type": "swin",
            "image_size": 64,
            "embed_dim": 8,
            "depths": [1, 1, 1, 1],
            "num_heads": [1, 1, 2, 2],
            "window_size": 4,
            "out_indices": [2, 3, 4],
        },
        text_config={
            "model_type": "bert",
            "vocab_size": 1030,
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "intermediate_size": 16,
            "max_position_embeddings": 64,
        },
        d_model=32,
        num_queries=12,
        num_feature_levels=3,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_text_len=WORDS,
        disable_custom_kernels=True,
        attn_implementation="eager",
    )
    model = GroundingDinoForObjectDetection(config).eval().requires_grad_(False)
    for name, weight in model.named_parameters():
        if weight.dim() > 1:
            weight.normal_(0, 1.2 / weight[0].numel() ** 0.5)
        elif name.endswith("bias"):
            weight.add_(torch.randn_like(weight) * 0.1)
    return model


def text_masks(input_ids, special_tokens):
    """What the model's own function says, in operators that can be exported: which words see each other, and places."""
    count = input_ids.shape[1]
    at = torch.arange(count)
    special = (input_ids[..., None] == special_tokens).any(-1)[:, None, :]
    after = torch.where(special & (at[None, :] >= at[:, None]), at, count).amin(-1)
    before = torch.where(special & (at[None, :] < at[:, None]), at, -1).amax(-1)
    inside = (after != 0) & (after != count - 1) & (after != count)
    together = (after[:, :, None] == after[:, None, :]) & inside[:, None, :]
    places = torch.where(inside, at - before - 1, 0).clamp(min=0)
    return together | (at[:, None] == at[None, :]), places


class Graph(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values, input_ids, token_type_ids, attention_mask, pixel_mask):
        out = self.model(
            pixel_values=pixel_values,
            input_ids=input_ids,
            token_type_ids=token_type_ids,
            attention_mask=attention_mask,
            pixel_mask=pixel_mask,
        )
        return out.pred_boxes, out.logits


def picture():
    """test/tracking/detect.test.ts makes the same."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    made = np.stack([40 + x, 60 + y, np.full_like(x, 90)], -1)
    made[(x > 20) & (x < 50) & (y > 10) & (y < 44)] = [230, 60, 40]
    return made.astype(np.uint8)


def feeds(words, text):
    ids = torch.tensor([words.encode(text).ids])
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pixels = ((torch.from_numpy(picture()).float() / 255 - mean) / std).permute(2, 0, 1)[None]
    return {
        "pixel_values": pixels,
        "input_ids": ids,
        "token_type_ids": torch.zeros_like(ids),
        "attention_mask": torch.ones_like(ids),
        "pixel_mask": torch.ones(1, HEIGHT, WIDTH, dtype=torch.int64),
    }


def found(words, graph, text):
    """As post_process_grounded_object_detection has it, boxes clipped to the picture."""
    given = feeds(words, text)
    with torch.no_grad():
        boxes, logits = graph(*given.values())
    probabilities = logits[0].sigmoid()
    scores = probabilities.amax(-1)
    phrases = get_phrases_from_posmap(probabilities > THRESHOLD, given["input_ids"][0])
    result = []
    for i in scores.argsort(descending=True).tolist():
        if scores[i] <= THRESHOLD:
            continue
        x, y, w, h = boxes[0, i].tolist()
        clip = lambda value, most: min(most, max(0, value * most))
        left, top = clip(x - w / 2, WIDTH), clip(y - h / 2, HEIGHT)
        box = [left, top, clip(x + w / 2, WIDTH) - left, clip(y + h / 2, HEIGHT) - top]
        phrase = words.decode([int(token) for token in phrases[i]])
        result.append({"box": rounded(box, 6), "score": float(scores[i]), "phrase": phrase})
    return result


if __name__ == "__main__":
    torch.set_num_threads(1)
    words, graph = tokenizer(), Graph(network()).eval()
    own = parts.generate_masks_with_special_tokens_and_transfer_map
    for text in TEXTS:
        asked = torch.tensor([words.encode(text).ids]), torch.tensor(parts.SPECIAL_TOKENS)
        assert all(torch.equal(a, b) for a, b in zip(own(*asked), text_masks(*asked)))
    result = {"ids": [[text, words.encode(text).ids] for text in TEXTS], "found": {text: found(words, graph, text) for text in TEXTS}}
    parts.generate_masks_with_special_tokens_and_transfer_map = text_masks
    sample = torch.nn.functional.grid_sample
    # The exporter makes float64 of the places.
    torch.nn.functional.grid_sample = lambda values, grid, **how: sample(values, grid.double().float(), **how)
    axes = {name: {1: "length"} for name in ("input_ids", "token_type_ids", "attention_mask")}
    names = ["pred_boxes", "logits"]
    export(FOLDER, "model", graph, feeds(words, TEXTS[2]), names, axes)
    (FIXTURES / FOLDER / "tokenizer.json").write_text(words.to_str())
    for text, each in result["found"].items():
        print(text, [(one["phrase"], round(one["score"], 2)) for one in each])
    (HERE / "grounding_dino.json").write_text(json.dumps(result) + "\n")
