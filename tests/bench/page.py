"""How long the largest map takes: 5,000 nodes and 20,000 links in Debian's Chromium, from the question to the picture.

Printed are the processor time of the server and of the page's own thread (a shared machine says little by its clock),
the bytes that crossed, and how far apart the frames are while the map is dragged. Without a graphics card Chromium draws
by the processor, so a frame takes longer here than on a desk.

Usage: ``python -m tests.bench.page [--rounds 3] [--home FOLDER]``. With a folder, the lake stays there.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from playwright.sync_api import sync_playwright

from tests.api.serving import serving
from tests.web.conftest import FLAGS
from tests.web.crowd import crowd

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page
