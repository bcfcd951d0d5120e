"""A run described for the world outside: RO-Crate 1.1 metadata, made of its manifest alone.

Research archives and search engines read it: which files there are, which program made them of which data, when and how.
"""

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["crate_text"]

CONTEXT = ["https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"}]
KINDS = {
    "html": "text/html",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "log": "text/plain",
    "parquet": "application/vnd.apache.parquet",
    "py": "text/x-python",
    "yaml": "application/yaml",
}
RUNNER, ACTION = "#runner", "#run"
STATUS = {"DONE": "CompletedActionStatus"}


def crate_text(manifest: Mapping[str, Any], files: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the content of `ro-crate-metadata.json`.

    Args:
        manifest: The run's, or a sweep's facts.
        files: Path in the archive → `size` and `sha256`.
    """
    data = [_data(name, digest) for name, digest in sorted((manifest.get("data_digests") or {}).items())]
    parts = [_file(name, entry) for name, entry in sorted(files.items())]
    graph = [_descriptor(), _root(manifest, parts), _program(manifest), _action(manifest, data, parts), *parts, *data]
    return json.dumps({"@context": CONTEXT, "@graph": graph}, indent=1, sort_keys=True) + "\n"


def _descriptor() -> dict[str, Any]:
    conforms = {"@id": "https://w3id.org/ro/crate/1.1"}
    return {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": conforms,
    }


def _root(manifest: Mapping[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    name = str(manifest.get("name", "sweep"))
    remarks = " ".join(map(str, manifest.get("remarks") or ()))
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": name,
        "description": f"A run of Runner called {name}, with all that it takes to run it again. {remarks}".strip(),
        "datePublished": manifest.get("finished") or manifest.get("created") or manifest.get("started"),
        "license": "All rights reserved by whoever made the run, unless said otherwise.",
        "identifier": manifest.get("result_digest"),
        "hasPart": [{"@id": part["@id"]} for part in parts],
        "mentions": {"@id": ACTION},
    }


def _program(manifest: Mapping[str, Any]) -> dict[str, Any]:
    code: Mapping[str, Any] = manifest.get("code") or {}
    return {
        "@id": RUNNER,
        "@type": "SoftwareApplication",
        "name": "Runner",
        "version": code.get("version"),
        "sha256": code.get("digest"),
    }


def _action(manifest: Mapping[str, Any], data: list[dict[str, Any]], parts: list[dict[str, Any]]) -> dict[str, Any]:
    status = STATUS.get(str(manifest.get("status")), "FailedActionStatus")
    return {
        "@id": ACTION,
        "@type": "CreateAction",
        "name": " ".join(map(str, manifest.get("argv") or ())) or "run from Python",
        "actionStatus": {"@id": f"http://schema.org/{status}"},
        "startTime": manifest.get("created") or manifest.get("started"),
        "endTime": manifest.get("finished"),
        "instrument": {"@id": RUNNER},
        "object": [{"@id": each["@id"]} for each in data],
        "result": [{"@id": part["@id"]} for part in parts],
    }


def _file(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(name.rpartition(".")[2], "application/octet-stream")
    return {
        "@id": name,
        "@type": "File",
        "contentSize": str(entry["size"]),
        "encodingFormat": kind,
        "sha256": entry["sha256"],
    }


def _data(name: str, digest: str) -> dict[str, Any]:
    return {"@id": f"#data-{digest}", "@type": "Dataset", "name": name, "sha256": digest}
