"""What real programs wrote when they did not start. Shortened in the middle, never at the edges."""

from __future__ import annotations

GUNICORN_IMPORT_ERROR = """\
[2024-05-03 10:00:00 +0200] [712] [INFO] Starting gunicorn 22.0.0
[2024-05-03 10:00:00 +0200] [712] [INFO] Listening at: http://127.0.0.1:8080 (712)
[2024-05-03 10:00:00 +0200] [712] [INFO] Using worker: sync
[2024-05-03 10:00:00 +0200] [715] [INFO] Booting worker with pid: 715
[2024-05-03 10:00:00 +0200] [715] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/venv/lib/python3.11/site-packages/gunicorn/arbiter.py", line 609, in spawn_worker
    worker.init_process()
  File "/srv/venv/lib/python3.11/site-packages/gunicorn/util.py", line 371, in import_app
    mod = importlib.import_module(module)
          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "<frozen importlib._bootstrap>", line 1204, in _gcd_import
  File "/srv/app/wsgi.py", line 1, in <module>
    import django
ModuleNotFoundError: No module named 'django'
[2024-05-03 10:00:00 +0200] [715] [INFO] Worker exiting (pid: 715)
[2024-05-03 10:00:00 +0200] [712] [ERROR] Worker (pid:715) exited with code 3
[2024-05-03 10:00:00 +0200] [712] [ERROR] Shutting down: Master
[2024-05-03 10:00:00 +0200] [712] [ERROR] Reason: Worker failed to boot.
"""

# gunicorn 19 shows its arbiter's own end as a traceback, after the worker's.
GUNICORN_19_PYTHON_2 = """\
[2019-05-03 10:00:00 +0000] [15] [INFO] Starting gunicorn 19.10.0
[2019-05-03 10:00:00 +0000] [18] [ERROR] Exception in worker process
Traceback (most recent call last):
  File "/srv/venv/lib/python2.7/site-packages/gunicorn/arbiter.py", line 583, in spawn_worker
    worker.init_process()
  File "/srv/app/wsgi.py", line 3, in <module>
    from mysite import settings
ImportError: cannot import name settings
[2019-05-03 10:00:00 +0000] [18] [INFO] Worker exiting (pid: 18)
Traceback (most recent call last):
  File "/srv/venv/bin/gunicorn", line 8, in <module>
    sys.exit(run())
  File "/srv/venv/lib/python2.7/site-packages/gunicorn/arbiter.py", line 203, in run
    self.manage_workers()
gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>
"""

GUNICORN_PORT_IN_USE = """\
[2024-05-03 10:00:00 +0200] [712] [INFO] Starting gunicorn 22.0.0
[2024-05-03 10:00:00 +0200] [712] [ERROR] Connection in use: ('127.0.0.1', 8080)
[2024-05-03 10:00:00 +0200] [712] [ERROR] Retrying in 1 second.
[2024-05-03 10:00:05 +0200] [712] [ERROR] Can't connect to ('127.0.0.1', 8080)
"""

GUNICORN_KILLED_WORKER = """\
[2024-05-03 10:00:00 +0200] [712] [INFO] Starting gunicorn 22.0.0
[2024-05-03 10:00:09 +0200] [712] [ERROR] Worker (pid:715) was sent SIGKILL! Perhaps out of memory?
[2024-05-03 10:00:09 +0200] [719] [INFO] Booting worker with pid: 719
"""

SYNTAX_ERROR_IN_A_MODULE = """\
Traceback (most recent call last):
  File "/srv/app/run.py", line 2, in <module>
    import shop
  File "/srv/app/shop.py", line 7
    def total(
             ^
SyntaxError: '(' was never closed
"""

SYNTAX_ERROR_IN_THE_SCRIPT = """\
  File "/srv/app/run.py", line 3
    print "hello"
    ^^^^^^^^^^^^^
SyntaxError: Missing parentheses in call to 'print'. Did you mean print(...)?
"""

CHAINED = """\
Traceback (most recent call last):
  File "/srv/app/run.py", line 2, in <module>
    connect()
  File "/srv/app/run.py", line 9, in connect
    socket.create_connection(address)
ConnectionRefusedError: [Errno 111] Connection refused

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/run.py", line 4, in <module>
    raise RuntimeError("no database") from None
RuntimeError: no database

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/run.py", line 20, in <module>
    main()
  [Previous line repeated 3 more times]
myapp.errors.StartError: the app cannot start
\tbecause its database is away
(see the manual)
"""

EXCEPTION_GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/run.py", line 5, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/run.py", line 2, in task
    |     1 / 0
    | ZeroDivisionError: division by zero
    +------------------------------------
"""

SUPERVISORD_LOG = """\
2024-05-03 10:00:00,000 INFO spawned: 'app' with pid 712
2024-05-03 10:00:00,900 WARN exited: app (exit status 3; not expected)
2024-05-03 10:00:01,000 INFO exited: app2 (terminated by SIGTERM; not expected)
2024-05-03 10:00:02,000 INFO spawned: 'app' with pid 719
2024-05-03 10:00:03,500 INFO success: app entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)
2024-05-03 10:09:03,500 WARN exited: app (terminated by SIGKILL; not expected)
2024-05-03 10:09:04,500 INFO gave up: app entered FATAL state, too many start retries too quickly
"""
