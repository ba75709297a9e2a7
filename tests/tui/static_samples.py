"""Fixed results of the static files to show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from console.results import Static, StaticProblem
from console.results.static import (
    Collected,
    CollectPlan,
    StaticChange,
    StaticDjango,
    StaticDoubt,
    StaticExplanation,
    StaticFileProblem,
    StaticList,
    StaticMapping,
    StaticPlan,
    StaticPreset,
    StaticServer,
    StaticStep,
)
from console.tui.folder_reading import Folders

SITE = Path("/srv/conf/nginx.d/python.conf")
OTHER = Path("/srv/conf/nginx.d/shop.conf")
SERVER = StaticServer("server :8000", SITE, 1, (), ("0.0.0.0:8000", "[::]:8000"), ours=True)
SHOP = StaticServer("shop.example.cz :8000", OTHER, 1, ("shop.example.cz",), ("8000",), ours=True)
INTERNAL = StaticServer("server :8081", OTHER, 20, (), ("8081",), ours=False)

LEAK = StaticProblem(
    "slash-leak",
    "error",
    "location /static ends without a slash, alias /srv/static/ with one: /static../ opens what lies beside the folder.",
    "End both with a slash: console static on --location /static/ --alias /srv/static/",
    "edit",
)
EMPTY = StaticProblem("folder-empty", "warning", "The folder /srv/app/media is empty.")
CLOSED = StaticProblem(
    "folder-closed",
    "error",
    "nginx may not enter /srv/app, and answers 403.",
    "Let it in: chmod o+x /srv/app",
    "files",
)
SYNTAX = StaticProblem(
    "syntax",
    "error",
    "nginx cannot read the site file: unexpected end of file, line 14.",
    "Correct it by hand: nginx would not start with it.",
)
HALF = StaticProblem(
    "half-commented",
    "error",
    "The static block is commented out only in part, line 10.",
    "Take the # off all its lines, or put one before each.",
    "edit",
)
DOWN = StaticProblem(
    "nginx-down",
    "warning",
    "nginx does not run: what it serves could not be looked at.",
    "Start it: console start nginx",
)

OFF_ROW = StaticMapping("/static/", "", "/srv/static/", "alias", SITE, 10, SERVER.label, "off", files=12, bytes=340_000)
ON_ROW = replace(OFF_ROW, state="on")
LEAK_ROW = replace(OFF_ROW, location="/static", state="broken", problems=(LEAK, CLOSED, EMPTY))
MEDIA_ROW = replace(
    OFF_ROW, location="/media/", modifier="^~", folder="/srv/app/media", line=14, state="on", files=0, bytes=0,
    problems=(EMPTY,),
)  # fmt: skip
REGEX_ROW = replace(
    OFF_ROW, location=r"\.(css|js)$", modifier="~*", folder="/srv/app/[b]assets[/b]\x1b]0;x\x07", line=18
)
SHOP_ROW = replace(OFF_ROW, file=OTHER, line=5, server=SHOP.label, folder="/srv/shop/static/", state="on")
ABSENT_ROW = StaticMapping("/static/", "", "/srv/static/", "", SITE, None, SERVER.label, "absent")

OFF = StaticList((OFF_ROW,), (SERVER,))
ON = StaticList((ON_ROW,), (SERVER,))
LEAKS = StaticList((LEAK_ROW, MEDIA_ROW, REGEX_ROW), (SERVER,))
ABSENT = StaticList((ABSENT_ROW,), (SERVER,))
SEVERAL = StaticList((ON_ROW, SHOP_ROW), (SERVER, SHOP, INTERNAL))
UNREAD = StaticList((), (), (StaticFileProblem(SITE, 14, SYNTAX),))
HALF_DONE = StaticList((), (SERVER,), (StaticFileProblem(SITE, 10, HALF),))
MISSING = StaticList(
    (),
    (),
    (StaticFileProblem(SITE, None, StaticProblem("site-missing", "error", f"There is no site file {SITE}.")),),
)
NO_SERVER = StaticList((), (INTERNAL,))
NGINX_DOWN = StaticList((replace(ON_ROW, problems=(DOWN,)),), (SERVER,))

DIFF = f"""--- {SITE}
+++ {SITE}
@@ -7,7 +7,7 @@
         proxy_set_header   X-Real-IP  $remote_addr;
         proxy_set_header   Host       $host;
     }}
-    #location /static/ {{
-    #    alias /srv/static/;
-    #}}
+    location /static/ {{
+        alias /srv/static/;
+    }}
 }}
"""
STATIC_OFF = Static("off", SITE, "/static/", "/srv/static/", line=10)
STATIC_ON = replace(STATIC_OFF, state="on")
COMMANDS = (
    f"cp -p {SITE} /srv/.console/backups/",
    f"nano +10 {SITE}",
    "nginx -t",
    "supervisorctl signal HUP nginx",
    "curl -I http://127.0.0.1:8000/static/",
)
PLAN_ON = StaticPlan(
    STATIC_OFF, "on", "/static/", "/srv/static/", b"old", b"new", DIFF, True, (), COMMANDS, files=12, bytes=340_000
)
PLAN_OFF = replace(PLAN_ON, before=STATIC_ON, wanted="off")
SECRET = StaticProblem(
    "secret-folder",
    "error",
    "/srv/app must not be served.",
    "The app's code and its settings would be readable for everybody. Serve a folder that holds nothing but static "
    "files.",
    "edit",
)
PLAN_REFUSED = replace(PLAN_ON, alias="/srv/app/", problems=(SECRET,), files=41, bytes=1_200_000)
PLAN_SAME = replace(PLAN_ON, before=STATIC_ON, diff="", changes=False, commands=())
PROOF = (
    "GET /static/app.css 200, 169 B as on the disk · a missing file is nginx's 404 · nothing beside the folder is given"
)
BACKUP = Path("/srv/.console/backups/python.conf.2026-11-23-140511-645843")
CHANGED = StaticChange(True, STATIC_ON, DIFF, BACKUP, 0.21, PROOF, proved=True)
FAILED = StaticChange(
    False,
    STATIC_OFF,
    DIFF,
    None,
    0.4,
    error="The test failed, nginx does not accept the new file: "
    'invalid number of arguments in "alias" directive in /srv/conf/nginx.d/python.conf:11. The old file is back.',
)

PRESETS = (
    StaticPreset("srv", "/static/", "/srv/static/", 12, 340_000),
    StaticPreset("app", "/static/", "/srv/app/static/", None, None),
)
FOLDERS = Folders(
    Path("/srv/app"), (".git", "[red]static[/red]", "assets", "\x1b[31mpainted", "templates", "žluťoučký kůň"), 7
)

EXPLAINED = StaticExplanation(
    asked="/static/app.css",
    sent="/static/app.css",
    path="/static/app.css",
    refused="",
    server=SERVER.label,
    steps=(
        StaticStep("/static/", SITE, 10, "prefix"),
        StaticStep(r"~* \.(png|jpg)$", SITE, 14, "no-match"),
        StaticStep("/static/", SITE, 10, "wins"),
    ),
    location="/static/",
    file=SITE,
    line=10,
    handler="",
    opens=Path("/srv/static/app.css"),
    found="file",
    closed=None,
    sure=True,
    status=200,
    answered_by="nginx",
    seconds=0.0012,
)
EXPLAINED_MISSING = replace(
    EXPLAINED,
    asked="/static/gone.css?v=[b]1[/b]",
    sent="/static/gone.css?v=[b]1[/b]",
    path="/static/gone.css",
    opens=Path("/srv/static/gone.css"),
    found="missing",
    status=404,
)
EXPLAINED_DOWN = replace(
    EXPLAINED,
    status=None,
    answered_by="nobody",
    seconds=None,
    error="Connection refused",
    sure=False,
    doubts=(StaticDoubt("rewrite ^/static/old/ /static/new/", SITE, 11),),
)
EXPLAINED_APP = replace(
    EXPLAINED,
    asked="/cart/",
    sent="/cart/",
    path="/cart/",
    steps=(StaticStep("/", SITE, 4, "prefix"), StaticStep("/", SITE, 4, "wins")),
    location="/",
    line=4,
    handler="proxy_pass http://127.0.0.1:8080/",
    opens=None,
    found="",
    answered_by="app",
    seconds=0.034,
)
EXPLAINED_REFUSED = replace(
    EXPLAINED, asked="/static/../../x", sent="/static/../../x", path=None, refused="above-root", steps=(),
    location=None, opens=None, found="", status=400,
)  # fmt: skip

DJANGO = StaticDjango(
    "shop.settings",
    "4.2.11",
    "/static/",
    Path("/srv/static"),
    True,
    Path("/srv/app/manage.py"),
    (
        StaticProblem(
            "django-url",
            "error",
            "STATIC_URL is /static/, and nginx serves no folder there.",
            "Serve it: console static on --location /static/ --alias /srv/static/",
            "edit",
        ),
        StaticProblem(
            "django-empty", "error", "STATIC_ROOT /srv/static is empty.", "Collect the files: console static collect"
        ),
    ),
)
COLLECT_PLAN = CollectPlan(
    DJANGO,
    ("manage.py", "collectstatic", "--noinput"),
    Path("/srv/app"),
    Path("/srv/static"),
    0,
    ("cd /srv/app && /srv/venv/bin/python manage.py collectstatic --noinput",),
)
COLLECTED = Collected(
    True, Path("/srv/static"), 131, 2_400_000, ("131 files",), Path("/srv/.console/collectstatic.log"), 1.9
)
