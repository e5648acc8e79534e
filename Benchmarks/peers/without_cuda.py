"""Lets torch's wheel for CUDA be imported without most CUDA libraries: gigabytes that a CPU never calls.

The CUDA runtime is needed: torch asks it for devices. It is small, and one of the requirements.
"""
import pathlib
import re
import subprocess
import tempfile

# What torch links that every Linux machine has.
SYSTEM = re.compile(r"GLIBC|CXXABI|GCC|GOMP|OMP|QUADMATH")
CUDA_LIBRARY = re.compile(r"lib(cu|nv|nccl)")
# The driver's; torch opens it only when it has a device.
DRIVER = "libcuda.so.1"
CUDA_SYMBOL = re.compile(r"cu[A-Z]|cuda|cusparse|nccl|nvshmem")
# An error in every one of these libraries.
ERROR = 100


def allow(libraries: pathlib.Path) -> None:
    """Writes one library whose functions all return an error, under the name of each missing one.

    libraries: torch's directory of shared objects. A wheel for CPUs misses none and is left as it is.
    """
    folders = [libraries, *libraries.parent.parent.glob("nvidia/*/lib")]
    present = {file.name for folder in folders for file in folder.iterdir()}
    missing: set[str] = set()
    undefined: set[tuple[str, str]] = set()
    defined: set[str] = set()
    for file in sorted(libraries.glob("*.so*")):
        missing.update(re.findall(r"\(NEEDED\).*\[(.*)\]", read(file, "--dynamic")))
        for line in read(file, "--dyn-syms").splitlines():
            fields = line.split()
            if len(fields) < 8 or not fields[0].rstrip(":").isdigit():
                continue
            name, _, version = fields[7].replace("@@", "@").partition("@")
            if fields[6] == "UND":
                undefined.add((name, version))
            else:
                defined.add(name)
    missing = {name for name in missing - present if CUDA_LIBRARY.match(name) and name != DRIVER}
    if not missing:
        return
    versions: dict[str, list[str]] = {}
    for name, version in sorted(undefined):
        if version not in present and version and not SYSTEM.match(version):
            versions.setdefault(version, []).append(name)
        elif not version and CUDA_SYMBOL.match(name) and name not in defined:
            versions.setdefault("unversioned", []).append(name)
    with tempfile.TemporaryDirectory() as scratch:
        source, script = pathlib.Path(scratch, "none.c"), pathlib.Path(scratch, "none.map")
        # A name without a version is found under any.
        source.write_text(
            "".join(f"int {name}(void) {{ return {ERROR}; }}\n" for names in versions.values() for name in names))
        script.write_text(
            "".join(f"{version} {{ global: {'; '.join(names)}; }};\n" for version, names in versions.items()))
        library = libraries / "none.so"
        subprocess.run(
            ["cc", "-w", "-shared", "-fPIC", f"-Wl,--version-script={script}", "-o", library, source], check=True)
    for name in missing:
        (libraries / name).symlink_to(library.name)


def read(file: pathlib.Path, part: str) -> str:
    return subprocess.run(["readelf", "-W", part, file], check=True, capture_output=True, text=True).stdout
