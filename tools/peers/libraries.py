"""The peers as this tool drives them: an image in NCHW goes in, the first output in NCHW comes out, float32 inside.

A class is made in a process of its own: `__init__` imports the library, `load` opens the model, `run` computes.
Every `run` includes what a caller pays: handing over the array and getting one back.
"""

class OnnxRuntime:
    package, form = "onnxruntime", "onnx"

    def __init__(self):
        import onnxruntime
        self.library = onnxruntime

    def load(self, model, threads, image):
        options = self.library.SessionOptions()
        options.intra_op_num_threads = threads
        # Its threads spin between the layers, as by default, but not on into the time of the next runtime.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self.session = self.library.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self.feed = {self.session.get_inputs()[0].name: image}

    def run(self):
        return self.session.run(None, self.feed)[0]


class OpenVINO:
    package, form = "openvino", "onnx"

    def __init__(self):
        import openvino
        self.library = openvino

    def load(self, model, threads, image):
        settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                    "INFERENCE_PRECISION_HINT": "f32"}
        self.request = self.library.Core().compile_model(str(model), "CPU", settings).create_infer_request()
        self.image = image

    def run(self):
        return self.request.infer([self.image], share_inputs=True, share_outputs=True)[0]


class MNN:
    package, form = "MNN", "mnn"

    def __init__(self):
        import MNN.expr
        import MNN.nn
        self.expr, self.nn = MNN.expr, MNN.nn

    def load(self, model, threads, image):
        settings = {"backend": "CPU", "precision": "high", "numThread": threads}
        self.runtime = self.nn.create_runtime_manager((settings,))
        # Without names the module takes the inputs and outputs of the file.
        self.net = self.nn.load_module_from_file(str(model), [], [], runtime_manager=self.runtime)
        self.image = image

    def run(self):
        image = self.expr.const(self.image, list(self.image.shape), self.expr.NCHW, self.expr.float)
        result = self.net.forward([image])
        if not result:
            raise RuntimeError("computes no output")
        return self.expr.convert(result[0], self.expr.NCHW).read()


class NCNN:
    package, form = "ncnn", "ncnn"
    uses_vulkan = False

    def __init__(self):
        import ncnn
        import numpy
        self.library, self.numpy = ncnn, numpy

    def load(self, model, threads, image):
        self.net = self.library.Net()
        options = self.net.opt
        options.num_threads = threads
        options.use_vulkan_compute = self.uses_vulkan
        options.use_fp16_packed = options.use_fp16_storage = options.use_fp16_arithmetic = False
        options.use_bf16_storage = False
        if self.net.load_param(str(model)) or self.net.load_model(str(model.with_suffix(".bin"))):
            raise RuntimeError("cannot load what pnnx wrote")
        self.source, self.target = self.net.input_names()[0], self.net.output_names()[0]
        self.image = image[0]

    def run(self):
        with self.net.create_extractor() as extractor:
            extractor.input(self.source, self.library.Mat(self.image))
            status, result = extractor.extract(self.target)
            if status:
                raise RuntimeError(f"extract ended with status {status}")
            return self.numpy.array(result)


class NCNNVulkan(NCNN):
    """On the first device of the Vulkan loader."""
    uses_vulkan = True

    def load(self, model, threads, image):
        if self.library.get_gpu_count() == 0:
            raise RuntimeError("finds no Vulkan device")
        super().load(model, threads, image)


class OpenCV:
    package, form = "opencv-python-headless", "onnx"

    def __init__(self):
        import cv2
        self.library = cv2

    def load(self, model, threads, image):
        self.library.setNumThreads(threads)
        dnn = self.library.dnn
        self.net = dnn.readNetFromONNX(str(model))
        self.net.setPreferableBackend(dnn.DNN_BACKEND_OPENCV)
        self.net.setPreferableTarget(dnn.DNN_TARGET_CPU)
        self.image = image

    def run(self):
        self.net.setInput(self.image)
        return self.net.forward()


PEERS = {"onnxruntime": OnnxRuntime, "openvino": OpenVINO, "mnn": MNN, "ncnn": NCNN, "opencv": OpenCV,
         "ncnn-vulkan": NCNNVulkan}
# Those that compute on the processor, which take part if none are named.
ON_PROCESSOR = [name for name in PEERS if name != "ncnn-vulkan"]
