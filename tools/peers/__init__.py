"""The parts of tools/bench-peers: other runtimes beside onnx-fcn, each in a process of its own."""
