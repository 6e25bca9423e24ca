"""The subject `rembg` of the bench `cutouts`; see cutouts-child.ts for the protocol."""

import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from rembg import new_session, remove

# It takes models from its own home only.
os.environ["REMBG_HOME"] = os.environ["U2NET_HOME"] = str(Path(sys.argv[1]).absolute().parent)
session = new_session("dis_custom", model_path=sys.argv[1])
output = Path(tempfile.mkdtemp()) / "mask.png"
for line in sys.stdin:
    start, cpu = time.perf_counter(), time.process_time()
    for file in json.loads(line)["files"]:
        remove(Image.open(file), session=session, only_mask=True).save(output)
    ms = (time.perf_counter() - start) * 1000
    cpu_ms = (time.process_time() - cpu) * 1000
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "peakMb": peak}), flush=True)
