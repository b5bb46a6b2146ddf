"""A headless Chromium, spoken to over a pipe in the DevTools protocol: no driver, no port, no package.

Source: https://chromedevtools.github.io/devtools-protocol/, domains Page, Runtime, Network, Input, Emulation.
"""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import tempfile
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_ANSWER_S = 60.0


class BrowserTrouble(Exception):
    """The browser refuses, ends, or never does what is waited for."""


def found():
    """Return the path of an installed browser; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One page of a headless browser whose network is cut."""

    def __init__(self, width=1280, height=900):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.events, self.number, self.rest, self.session = [], 0, b"", None
        theirs_in, self.out = (_high(end) for end in os.pipe())
        self.into, theirs_out = (_high(end) for end in os.pipe())
        flags = (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}",
            f"--window-size={width},{height}", "about:blank",
        )  # fmt: skip
        quiet = _high(os.open(os.devnull, os.O_RDWR))
        actions = [(os.POSIX_SPAWN_DUP2, end, place) for place, end in ((3, theirs_in), (4, theirs_out))]
        actions += [(os.POSIX_SPAWN_DUP2, quiet, place) for place in (1, 2)]
        self.process = os.posix_spawn(found(), [found(), *flags], os.environ, file_actions=actions, setpgroup=0)
        for end in (theirs_in, theirs_out, quiet):
            os.close(end)
        targets = self.send("Target.getTargets")["targetInfos"]
        target = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)  # without it no clipboard
        self.resize(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            os.killpg(self.process, 9)
        os.waitpid(self.process, 0)
        os.close(self.out)
        os.close(self.into)
        self.profile.cleanup()

    def send(self, method, **params):
        """Return what the browser answers to one command; BrowserTrouble where it refuses."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise BrowserTrouble(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _next(self):
        end = time.monotonic() + _ANSWER_S
        while b"\0" not in self.rest:
            if not select.select([self.into], [], [], max(0.0, end - time.monotonic()))[0]:
                raise BrowserTrouble(f"no answer from the browser within {_ANSWER_S:.0f} s")
            if not (part := os.read(self.into, 1 << 20)):
                raise BrowserTrouble("the browser has ended")
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def grant(self, *permissions):
        """Let pages do what they would have to ask a user for."""
        session, self.session = self.session, None  # the browser's own, not the page's
        self.send("Browser.grantPermissions", permissions=list(permissions))
        self.session = session

    def resize(self, width, height, *, mobile=False):
        """Make the window so large, in pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def prefer(self, scheme):
        """Ask for the theme 'light' or 'dark', as a system does."""
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path, anchor=""):
        """Open a file, or 'about:blank', and wait until it is loaded."""
        self.events.clear()
        address = path if path == "about:blank" else Path(path).resolve().as_uri()
        self.send("Page.navigate", url=address + (f"#{anchor}" if anchor else ""))
        self.until("document.readyState === 'complete'")

    def value(self, expression):
        """Return the value of a JavaScript expression, awaited; BrowserTrouble for an exception in it."""
        found = self.send(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True
        )
        if "exceptionDetails" in found:
            raise BrowserTrouble(found["exceptionDetails"]["exception"].get("description", expression))
        return found["result"].get("value")

    def until(self, expression, limit_s=30.0):
        """Wait until an expression is true, and return its value; BrowserTrouble after the limit."""
        end = time.monotonic() + limit_s
        while not (value := self.value(expression)):
            if time.monotonic() > end:
                raise BrowserTrouble(f"never true: {expression}")
            time.sleep(0.02)
        return value

    def _place(self, selector):
        return self.value(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center', "
            "behavior: 'instant'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )

    def move(self, x, y):
        """Move the mouse to a place in the window."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, selector):
        """Click in the middle of an element with the mouse."""
        x, y = self._place(selector)
        self.move(x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def type(self, text):
        """Type into what has the focus."""
        self.send("Input.insertText", text=text)

    def press(self, key, code):
        """Press a key, such as ('Enter', 13)."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                **(text if kind == "keyDown" else {}),
            )  # fmt: skip

    def complaints(self):
        """Return what the page has logged as error or warning, and each exception it did not catch."""
        self.value("0")  # whatever came before the answer is in the events now
        told = []
        for event in self.events:
            params = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                told.append(params["exceptionDetails"]["exception"].get("description", "exception"))
            elif event.get("method") == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
                told.append(str(params["args"]))
            elif event.get("method") == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
                told.append(params["entry"]["text"])
        return told

    def requests(self):
        """Return every address that the page has asked for."""
        self.value("0")
        return [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]

    def picture(self, path, *, whole=False):
        """Write a PNG of the window, or of the whole page."""
        clip = {}
        if whole:
            size = self.send("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"captureBeyondViewport": True, "clip": {**size, "scale": 1}}
        data = self.send("Page.captureScreenshot", format="png", **clip)["data"]
        Path(path).write_bytes(base64.b64decode(data))

    def paper(self, path):
        """Write the page as a PDF, as a printer would get it."""
        Path(path).write_bytes(base64.b64decode(self.send("Page.printToPDF", printBackground=False)["data"]))


def _high(end):
    """Return a file descriptor's copy above those that the browser expects its pipes at."""
    copy = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20)
    os.close(end)
    return copy
