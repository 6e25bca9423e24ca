"""The subject `rembg` of the benches `cutouts` and `builtin`; see cutouts-child.ts for the protocol.

    python rembg_child.py u2netp
    python rembg_child.py dis_custom MODEL
"""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from rembg import new_session, remove

kind, *model = sys.argv[1:]
options = {}
if model:
    # It takes models from its own home only.
    os.environ["REMBG_HOME"] = os.environ["U2NET_HOME"] = str(Path(model[0]).absolute().parent)
    options["model_path"] = model[0]
session = new_session(kind, **options)
output = Path(tempfile.mkdtemp()) / "mask.png"
for line in sys.stdin:
    start, cpu = time.perf_counter(), time.process_time()
    for file in json.loads(line)["files"]:
        remove(Image.open(file), session=session, only_mask=True).save(output)
    ms = (time.perf_counter() - start) * 1000
    cpu_ms = (time.process_time() - cpu) * 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "peakMb": peak}), flush=True)
