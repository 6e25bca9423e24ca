"""Makes a small CLIP vocabulary for the tests, and the ids that transformers gives 200 prompts with it.

    pip install transformers==5.24.0 open_clip_torch
    python test/reference/clip_vocabulary.py && npx prettier --write test/reference/clip.json

Of CLIP's own merges only those are kept that the prompts need, in their order; bytes, merges and the two marks are
numbered anew, as CLIP numbers them. The tiny networks of test/reference/diffusion.py read this vocabulary as well.
"""

import gzip
import importlib.util
import itertools
import json
from pathlib import Path

from transformers import CLIPTokenizer

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "fixtures" / "models" / "clip"
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
LENGTH = 77

THINGS = ["a mug", "the leather boots", "a bottle of olive oil", "two chairs", "it's a lamp that we've made", "vases"]
PLACES = ["on a marble table", "in soft morning light", "by the window", "in a forest, 35mm photo", "on #f4f1ec paper"]
STYLES = ["", ", highly detailed, 8k", " -- studio; bokeh!", " (masterpiece:1.2)", ", don't show people"]
ODD = [
    "",
    " ",
    "!",
    "\u2615 coffee on a wooden table \U0001f60a",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 family \U0001f3fd",
    "\U0001f1ee\U0001f1f9 espresso",
    "Cafe\u0301 cr\u00e8me \u2014 na\u00efve \u00dcber-Stra\u00dfe",
    "\u0130stanbul \u0131\u015f\u0131k",
    "\u4e00\u676f\u5496\u5561",
    "\u0447\u0430\u0448\u043a\u0430 \u043a\u043e\u0444\u0435 \u043d\u0430 \u0441\u0442\u043e\u043b\u0435",
    "\u0641\u0646\u062c\u0627\u0646 \u0642\u0647\u0648\u0629",
    "\u0915\u0949\u092b\u0940 \u0915\u093e \u092e\u0917",
    "tabs\tand\nnew lines\r\n  and   runs of blanks ",
    "no\u00a0break\u2003space\u200bzero\ufeffwidth",
    "I'm sure they'll say you'd better; we're 'quoted' 'til it's done, THEY'VE SHOUTED",
    "1234567890 3.14 \u00bd \u2167 \u0663",
    "under_score-dash/slash\\back|pipe~tilde`tick",
    "!!!??...;;::,,''\"\"",
    "<|endoftext|> in the middle <|startoftext|> again",
    "<|endoftext| broken mark |>",
    "html <b>bold</b> &amp; entity",
    "\U0001d504\U0001d52b\U0001d520\U0001d526\U0001d522\U0001d52b\U0001d531 \ufb01ne \u210c",
    "\u212b \u1e9e \u01c6 \u0390",
    "a" * 300,
    "\u2603" * 40,
    "word " * 100,
    "soft light, " * 60,
    "\U0001f389" * 30,
    "a mug " + "very " * 71 + "red",
    "a mug " + "very " * 72 + "red",
    "a mug " + "very " * 73 + "red",
]
PROMPTS = ODD + ["".join(each) for each in itertools.product(THINGS, [" "], PLACES, STYLES)]
PROMPTS += [f"{thing.upper()} {place}" for thing in THINGS for place in PLACES][: 200 - len(PROMPTS)]


def published():
    spec = importlib.util.find_spec("open_clip")
    path = Path(spec.submodule_search_locations[0]) / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.open(path).read().decode().split("\n")
    return [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]


def byte_letters():
    """The letters that stand for bytes, in CLIP's order."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in plain]
    return [chr(byte) for byte in plain] + [chr(256 + i) for i in range(len(others))]


def vocabulary(merges):
    letters = byte_letters()
    tokens = [*letters, *(letter + "</w>" for letter in letters), *("".join(pair) for pair in merges), BEGIN, END]
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def needed(merges):
    """The merges that some token of the prompts is made of."""
    full = CLIPTokenizer(vocab=vocabulary(merges), merges=merges)
    parts = {"".join(pair): pair for pair in reversed(merges)}
    wanted, open_tokens = set(), {token for text in PROMPTS for token in full.tokenize(text)}
    while open_tokens:
        pair = parts.get(open_tokens.pop())
        if pair and pair not in wanted:
            wanted.add(pair)
            open_tokens.update(pair)
    return [pair for pair in merges if pair in wanted]


if __name__ == "__main__":
    assert len(PROMPTS) == 200 and len(set(PROMPTS)) == 200, len(set(PROMPTS))
    merges = needed(published())
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "vocab.json").write_text(json.dumps(vocabulary(merges), ensure_ascii=False) + "\n")
    (FOLDER / "merges.txt").write_text("\n".join(["#version: 0.2", *(" ".join(pair) for pair in merges)]) + "\n")
    result = {"prompts": PROMPTS}
    for padding in [END, "!"]:
        tokenizer = CLIPTokenizer(vocab=vocabulary(merges), merges=merges, pad_token=padding)
        rows = tokenizer(PROMPTS, padding="max_length", max_length=LENGTH, truncation=True).input_ids
        # What is repeated at the end is written once.
        pad = rows[0][-1]
        cut = [row[: max(i for i in range(LENGTH) if row[i] != pad or i == 0) + 1] for row in rows]
        result[padding] = {"pad": pad, "ids": cut}
    (HERE / "clip.json").write_text(json.dumps(result) + "\n")
    print(len(merges), "merges")
