"""The Docker set-up is valid and says the same as the one without Docker."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

from ivr.adapters.speech import engines
from ivr.adapters.speech.models import models_root
from ivr.config import PROJECT, Settings
from ivr.setup.ports import PORTS
from ivr.setup.programs import PROGRAMS
from ivr.setup.steps import versions

COMPOSE = PROJECT / "docker-compose.yml"
DOCKERFILE = PROJECT / "docker/Dockerfile"
HOME = "/auricula"
DURATION = r"(\d+(us|ms|s|m|h))+"


class Strict(BaseModel):
    """The parts of the Compose Specification (compose-spec.json) that we use, no others."""

    model_config = ConfigDict(extra="forbid")


class Build(Strict):
    context: str
    dockerfile: str
    args: dict[str, str]


class Healthcheck(Strict):
    test: list[str]
    interval: str = Field(pattern=DURATION)
    timeout: str = Field(pattern=DURATION)
    start_period: str = Field(pattern=DURATION)
    start_interval: str = Field(default="5s", pattern=DURATION)


class Dependency(Strict):
    condition: Literal["service_started", "service_healthy", "service_completed_successfully"]


class EnvFile(Strict):
    path: str
    required: bool


class Logging(Strict):
    driver: str
    options: dict[str, str]


class Service(Strict):
    image: str
    # Nobody publishes the image: Compose must not ask a registry for it.
    pull_policy: Literal["never"]
    build: Build | None = None
    command: list[str]
    network_mode: Literal["host"]
    init: bool
    restart: Literal["no", "always", "on-failure", "unless-stopped"]
    cap_drop: list[str]
    security_opt: list[str]
    env_file: list[EnvFile]
    environment: dict[str, str]
    volumes: list[str]
    logging: Logging
    depends_on: dict[str, Dependency] = {}
    healthcheck: Healthcheck | None = None
    stop_signal: str = "SIGTERM"
    stop_grace_period: str = Field(default="10s", pattern=DURATION)
    cpu_shares: int = 1024
    shm_size: str = "64m"


class Compose(Strict):
    name: str
    services: dict[str, Service]
    volumes: dict[str, None]


def mounts(service: Service) -> list[tuple[str, str]]:
    """What of the host or which volume is where in the container."""
    return [(volume.split(":")[0], volume.split(":")[1]) for volume in service.volumes]


@pytest.fixture(scope="module")
def compose() -> Compose:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    own = {name: value for name, value in document.items() if not name.startswith("x-")}
    return Compose.model_validate(own)


def test_docker_itself_accepts_the_file() -> None:
    if (
        not shutil.which("docker")
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("docker compose is not installed; the file is checked against its schema")
    checked = subprocess.run(
        ["docker", "compose", "-f", str(COMPOSE), "config", "--quiet"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_every_dependency_exists_and_can_be_met(compose: Compose) -> None:
    for service in compose.services.values():
        for name, dependency in service.depends_on.items():
            needed = compose.services[name]
            if dependency.condition == "service_healthy":
                assert needed.healthcheck is not None
            if dependency.condition == "service_completed_successfully":
                assert needed.restart == "no"


def test_docker_runs_the_same_programs_and_stops_them_alike(compose: Compose) -> None:
    running = {name: s for name, s in compose.services.items() if s.restart != "no"}
    assert set(running) == {program.name for program in PROGRAMS}
    for program in PROGRAMS:
        service = running[program.name]
        assert service.command == list(program.command)
        assert service.stop_signal == program.stop.name
        assert service.stop_grace_period == f"{program.stop_wait_s}s"
    assert {n for n, s in compose.services.items() if s.restart == "no"} == {"prepare", "prompts"}


def test_ports_and_addresses_are_the_same(compose: Compose) -> None:
    defaults = Settings.model_fields
    for service in compose.services.values():
        for variable, value in service.environment.items():
            if variable == "DATABASE_URL":
                continue
            shown = re.fullmatch(rf"\$\{{{variable}:-(.*)\}}", value)
            assert shown, value
            setting = variable.removeprefix("AURICULA_").lower()
            assert shown[1] == str(defaults[setting].default)
        for port, *_ in PORTS:
            assert f"AURICULA_{port.upper()}" in service.environment


def test_what_lasts_is_kept_in_volumes(compose: Compose) -> None:
    for service in compose.services.values():
        kept = {target: volume for volume, target in mounts(service) if volume[0] != "."}
        assert set(kept.values()) == set(compose.volumes)
        for name in ("var", "recordings"):
            assert f"{HOME}/{Settings.model_fields[name].default.name}" in kept
        assert f"host={HOME}/var/postgres" in service.environment["DATABASE_URL"]
    assert re.findall(r'"(/auricula/\w+)"', DOCKERFILE.read_text().split("VOLUME")[1])[:2] == [
        f"{HOME}/var",
        f"{HOME}/recordings",
    ]


def test_what_one_part_makes_the_others_find(compose: Compose) -> None:
    dockerfile = DOCKERFILE.read_text()
    cache = Path(re.findall(r"AURICULA_CACHE=(\S+)", dockerfile)[0])
    made = re.findall(r"RUN mkdir -p (.*)", dockerfile)[0].split()
    prompts = engines.prompts(Settings(cache=cache)).folder
    for service in compose.services.values():
        shared = {Path(target): volume for volume, target in mounts(service)}
        # Spoken by `prompts` and `serve`, played by `asterisk`.
        assert prompts in shared
        # Where docs/operations.md lets a clinic put its own voices and recognizer.
        assert {models_root(cache) / "piper", models_root(cache) / "vosk"} <= set(shared)
        assert shared[Path(HOME) / "callflows"] == "./callflows"
        # A volume over a folder that is not in the image would belong to root.
        new = {target.relative_to(HOME) for target, v in shared.items() if v in compose.volumes}
        assert {str(target) for target in new} == set(made)


def test_every_setting_reaches_the_programs_and_none_gives_them_rights(compose: Compose) -> None:
    for service in compose.services.values():
        assert service.env_file == [EnvFile(path=".env", required=False)]
        assert service.cap_drop == ["ALL"]
        assert service.security_opt == ["no-new-privileges:true"]
    stages = DOCKERFILE.read_text().split("\nFROM ")
    assert "USER auricula" in stages[1]
    assert all("USER" not in stage for stage in stages[2:])


def test_versions_come_from_one_place(compose: Compose) -> None:
    base = versions()["BASE_IMAGE"]
    dockerfile = DOCKERFILE.read_text()
    assert f"ARG BASE_IMAGE={base}\n" in dockerfile
    builds = [service.build for service in compose.services.values() if service.build]
    assert [build.args for build in builds] == [{"BASE_IMAGE": base}]
    assert [PROJECT / build.dockerfile for build in builds] == [DOCKERFILE]
    # Asterisk, models and packages are fetched by the very scripts `make up` uses.
    assert "RUN scripts/environment" in dockerfile
    assert "auricula fetch" in dockerfile
    assert "asterisk" not in re.sub(r"(?m)^#.*", "", dockerfile).lower()
    assert "scripts/environment" in (PROJECT / "scripts/up").read_text()


def test_the_image_takes_no_secrets_and_no_patients_with_it() -> None:
    left_out = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {"var", ".env", "recordings/*", ".git"} <= set(left_out)
