"""A copy of an ONNX graph that leaves its batch size open: python open_batch.py IN.onnx OUT.onnx

For graphs that compute sizes from their input, as ISNet's does. Needs onnx.
"""

import sys

import onnx

graph_file, out = sys.argv[1:]
model = onnx.load(graph_file)
for value in [*model.graph.input, *model.graph.output]:
    dims = value.type.tensor_type.shape.dim
    if dims and dims[0].dim_value == 1:
        dims[0].dim_param = "batch"
# What is noted of the values between holds for one picture.
del model.graph.value_info[:]
onnx.save(model, out)
