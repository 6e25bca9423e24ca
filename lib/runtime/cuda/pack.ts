/** A wheel of PyPI and what is taken out of it. */
export interface Wheel {
  name: string;
  version: string;
  /** Platform of its file name, which pip is asked for. */
  platform: string;
  /** Of the wheel. */
  bytes: number;
  sha256: string;
  /** Bytes of everything in it. */
  unpacked: number;
  /** Path in the wheel by the name that the library has here. */
  libraries: Record<string, string>;
}

/** What the device cuda needs besides the driver. */
export interface CudaPack {
  /** Version of onnxruntime, which must be onnxruntime-node's own. */
  onnxruntime: string;
  /** Major version of CUDA. */
  cuda: number;
  /** Oldest driver, its major version. */
  driver: number;
  /** Lowest compute capability that onnxruntime's build has code for. */
  capability: number;
  wheels: readonly Wheel[];
}

/** onnxruntime's wheels are one for each Python; their libraries are the same. */
export const WHEEL_PYTHON = '3.12';

const CUDA = 'nvidia/cu13/lib';
const CUDNN = 'nvidia/cudnn/lib';
const ORT = 'onnxruntime/capi';

/**
 * onnxruntime's build for CUDA 13, with the libraries that PyTorch 2.11 brings for CUDA 13.0: with these it ran on a
 * card, and of one major version the oldest ask least of the driver. What the libraries load by name is here as well
 * (cuDNN's parts, NVRTC for its fused kernels, nvJitLink for cuFFT).
 */
export const CUDA_PACK: CudaPack = {
  onnxruntime: '1.30.0',
  cuda: 13,
  driver: 580,
  capability: 7.5,
  wheels: [
    {
      name: 'onnxruntime-gpu',
      version: '1.30.0',
      platform: 'manylinux_2_28_x86_64',
      bytes: 246_685_715,
      sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
      unpacked: 337_019_676,
      libraries: {
        'libonnxruntime.so.1': `${ORT}/libonnxruntime.so.1.30.0`,
        ...from(ORT, 'libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so'),
      },
    },
    {
      name: 'nvidia-cublas',
      version: '13.1.0.3',
      platform: 'manylinux_2_27_x86_64',
      bytes: 423_133_236,
      sha256: 'ee8722c1f0145ab246bccb9e452153b5e0515fd094c3678df50b2a0888b8b171',
      unpacked: 597_132_442,
      libraries: from(CUDA, 'libcublas.so.13', 'libcublasLt.so.13'),
    },
    {
      name: 'nvidia-cudnn-cu13',
      version: '9.19.0.56',
      platform: 'manylinux_2_27_x86_64',
      bytes: 366_066_321,
      sha256: 'd20e1734305e9d68889a96e3f35094d733ff1f83932ebe462753973e53a572bf',
      unpacked: 493_809_061,
      libraries: from(
        CUDNN,
        'libcudnn.so.9',
        'libcudnn_adv.so.9',
        'libcudnn_cnn.so.9',
        'libcudnn_engines_precompiled.so.9',
        'libcudnn_engines_runtime_compiled.so.9',
        'libcudnn_graph.so.9',
        'libcudnn_heuristic.so.9',
        'libcudnn_ops.so.9',
      ),
    },
    {
      name: 'nvidia-cufft',
      version: '12.0.0.61',
      platform: 'manylinux2014_x86_64',
      bytes: 214_085_489,
      sha256: '6c44f692dce8fd5ffd3e3df134b6cdb9c2f72d99cf40b62c32dde45eea9ddad3',
      unpacked: 287_646_258,
      libraries: from(CUDA, 'libcufft.so.12'),
    },
    {
      name: 'nvidia-cuda-nvrtc',
      version: '13.0.88',
      platform: 'manylinux2010_x86_64',
      bytes: 90_215_200,
      sha256: 'ad9b6d2ead2435f11cbb6868809d2adeeee302e9bb94bcf0539c7a40d80e8575',
      unpacked: 228_019_534,
      libraries: from(CUDA, 'libnvrtc.so.13', 'libnvrtc-builtins.so.13.0'),
    },
    {
      name: 'nvidia-curand',
      version: '10.4.0.35',
      platform: 'manylinux_2_27_x86_64',
      bytes: 59_544_258,
      sha256: '1aee33a5da6e1db083fe2b90082def8915f30f3248d5896bcec36a579d941bfc',
      unpacked: 134_866_646,
      libraries: from(CUDA, 'libcurand.so.10'),
    },
    {
      name: 'nvidia-nvjitlink',
      version: '13.0.88',
      platform: 'manylinux2010_x86_64',
      bytes: 40_713_933,
      sha256: '13a74f429e23b921c1109976abefacc69835f2f433ebd323d3946e11d804e47b',
      unpacked: 98_885_715,
      libraries: from(CUDA, 'libnvJitLink.so.13'),
    },
    {
      name: 'nvidia-cuda-runtime',
      version: '13.0.96',
      platform: 'manylinux2014_x86_64',
      bytes: 2_243_632,
      sha256: '7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548',
      unpacked: 7_251_857,
      libraries: from(CUDA, 'libcudart.so.13'),
    },
  ],
};

/** Bytes that pip fetches. */
export function downloadBytes({ wheels }: CudaPack): number {
  return wheels.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Bytes that stay at most. */
export function unpackedBytes({ wheels }: CudaPack): number {
  return wheels.reduce((sum, { unpacked }) => sum + unpacked, 0);
}

function from(folder: string, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${folder}/${name}`]));
}
