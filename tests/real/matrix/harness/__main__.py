"""Borderpost in front of real Matrix homeservers. Without `--gateway`, clients go straight to them."""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import traceback

from . import abroad  # noqa: F401 - its evasions are among all others
from .clients import JsClient, NioClient
from .door import check_door
from .evasions import check_evasions, check_evasions_are_real
from .gateway import Administrator, Gateway
from .pushed import check_names_nobody, check_pushed, check_same, through
from .report import Report
from .scenario import Scenario
from .town import Town
from .transparent import check_bytes
from .web import CHROMIUM, check_web

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent.parent
LIBRARIES = {"nio": NioClient.library, "js": JsClient.library}
# Hydrogen first: it looks at all rooms that somebody has.
PARTS = ["web", "transparent", "strict", "evasions"]


def main():
    options = arguments()
    # Whoever ends this run ends what it has started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by a signal"))
    cache = pathlib.Path(os.environ["REAL_MATRIX_CACHE"])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=cache))
    town = Town(folder, HERE, cache / "node")
    report = Report()
    try:
        report.begin("two homeservers and a bridge start")
        town.start()
        play(town, options, report)
    except Exception as error:
        traceback.print_exc()
        report.check("the run comes to its end", [repr(error)])
    finally:
        town.stop()
    code = report.end()
    if code or options.keep:
        print(f"logs, databases and configurations are in {folder}")
    else:
        shutil.rmtree(folder)
    return code


def play(town, options, report):
    if not options.gateway:
        for library in options.clients:
            scenario(town, library, report, "direct", None)
        check_evasions_are_real(town, report)
        return
    for part in options.parts:
        if part == "web" and not CHROMIUM:
            print("== web is left out: there is no `chromium`")
            continue
        policy = "transparent" if part == "transparent" else "strict"
        gateway = Gateway(town, options.gateway, options.dialect, f"gateway-{part}", policy)
        with through(gateway, town.bridge):
            if part == "evasions":
                check_evasions(town, gateway, report)
                check_pushed(town, gateway, report)
            elif part == "web":
                report.begin("web, Hydrogen")
                pictures = options.pictures or town.folder / "pictures"
                check_web(town, gateway, town.tools.parent / "web", pictures, report)
            else:
                for library in options.clients:
                    scenario(town, library, report, part, gateway)
        gateway.stop()


def scenario(town, library, report, part, gateway):
    """Everything that people do with one client library."""
    report.begin(f"{part}, {library}")
    label = f"{library}{part}"
    strict = part == "strict"
    played = Scenario(town, HERE / "scenario.yaml", label, strict)
    before = town.clients(LIBRARIES["nio"])
    clients = town.clients(LIBRARIES[library], gateway and gateway.url)
    clients["administrator"] = Administrator(gateway if strict else None)
    start = len(town.bridge.sent), len(town.bridge.received)
    try:
        played.prepare(before)
        with town.acme.border.leads_to(gateway and gateway.federation_port):
            played.play(clients, report)
        if part == "transparent":
            check_bytes(played, gateway.url, before["alice"].token, report)
            check_door(played, gateway.url, before["alice"].token, report)
            check_same(town.bridge, start[0], report)
        elif strict:
            check_names_nobody(town, start[1], report)
        played.check_stored(report)
    finally:
        for client in [*before.values(), *clients.values()]:
            client.close()


def file_of(text):
    return pathlib.Path(text).resolve()


def arguments():
    parser = argparse.ArgumentParser(prog="tests/real/matrix/run", description=__doc__)
    parser.add_argument("--gateway", type=file_of, metavar="BINARY", help="the borderpost binary")
    parser.add_argument("--dialect", type=file_of, default=ROOT / "config" / "dialects" / "matrix.yaml")
    parser.add_argument("--clients", nargs="+", choices=LIBRARIES, default=list(LIBRARIES))
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--pictures", type=file_of, metavar="FOLDER", help="where photographs of the web client go")
    parser.add_argument("--keep", action="store_true", help="keep logs and databases also when all held")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
