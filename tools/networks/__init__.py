"""Architectures of fully convolutional networks, written as ONNX models with seeded weights."""
