"""Subjects of the bench `birefnet` in Python; see cutouts-child.ts for the protocol.

    python birefnet_child.py onnxruntime GRAPH
    python birefnet_child.py torch GRAPH CHECKOUT BACKBONE

Both run on the tensor of the exported photo, which is there already.
"""

import json
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np



def runtime(graph, values):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = len(os.sched_getaffinity(0))
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    feeds = {session.get_inputs()[0].name: values}
    return lambda: session.run(None, feeds)


def pytorch(_graph, values, checkout, backbone):
    import torch
    from birefnet import liven, load

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    net = load(Path(checkout).absolute(), backbone)
    picture = torch.from_numpy(values)
    liven(net, picture)

    def run():
        with torch.inference_mode():
            return net(picture)[-1].sigmoid().numpy()

    return run


def main():
    name, graph, *rest = sys.argv[1:]
    # Saved by birefnet.py as an array, so that no picture library counts here.
    values = np.load(Path(graph).with_suffix(".input.npy"))
    run = {"onnxruntime": runtime, "torch": pytorch}[name](graph, values, *rest)
    for line in sys.stdin:
        start, cpu = time.perf_counter(), time.process_time()
        for _ in json.loads(line)["files"]:
            run()
        ms = (time.perf_counter() - start) * 1000
        cpu_ms = (time.process_time() - cpu) * 1000
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"ms": ms, "cpuMs": cpu_ms, "peakMb": peak}), flush=True)


main()
