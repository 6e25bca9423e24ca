"""Takes the card's memory but for some megabytes, until its standard input ends: python occupy.py MEGABYTES_LEFT

Prints a line of JSON once it is taken. Needs PyTorch with CUDA.
"""

import json
import sys

import torch

left = int(sys.argv[1]) * 1024 * 1024
kept = []
# Small pieces last: a card's free memory is seldom one piece.
for piece in (1024, 64, 4):
    size = piece * 1024 * 1024
    while torch.cuda.mem_get_info()[0] - left > size:
        try:
            kept.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
        except torch.cuda.OutOfMemoryError:
            break
free, total = torch.cuda.mem_get_info()
print(json.dumps({"freeMb": free >> 20, "totalMb": total >> 20}), flush=True)
sys.stdin.read()
