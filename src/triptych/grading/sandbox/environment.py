"""What a submission finds in its sandbox, whatever the kind: variables, and the folder of our code."""

from __future__ import annotations

from pathlib import Path

#: The code that runs inside, and the folder that it is mounted in.
INSIDE, MOUNT = Path(__file__).resolve().with_name("inside"), "/sandbox"

#: The submission's environment, beside its PATH. One thread: the cores serve many submissions.
VARIABLES = {
    "HOME": "/home/learner",
    "USER": "learner",
    "LOGNAME": "learner",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "KERAS_HOME": "/tmp/keras",
    "PYTHONDONTWRITEBYTECODE": "1",
    # There is no network: pip says at once what it cannot have, instead of trying for seconds.
    "PIP_NO_INDEX": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "UV_OFFLINE": "1",
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "2",
    "TORCHINDUCTOR_CACHE_DIR": "/tmp/inductor",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
    # What torch.compile would do before it compiles anything, in each submission: build and run test
    # programs for each of the processor's vector extensions (7 s), precompile its headers (5 s).
    "TORCHINDUCTOR_VEC_ISA_OK": "1",
    "TORCHINDUCTOR_CPP_CACHE_PRECOMPILE_HEADERS": "0",
}
