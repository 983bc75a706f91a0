"""The supervisor and the programs that it keeps running.

Main line: `Supervisor.run()`: lock DATA_DIR → listen → start the database → prepare it → keep web
and workers running.

event_loop      waits for output, child exits and signals in one thread
foreground      `manage.py run PART`: one program, for containers and service managers
http_protocol   limits of one HTTP connection that uvicorn lacks
listener        the listening socket, opened before all programs start
log_output      output of the programs, to the terminal and to log files
options         settings of the supervisor, read from the environment
process_keeper  runs one program and restarts it when it ends
programs        command lines of web, workers, maintenance and preparation
serve           the web process: uvicorn on the supervisor's socket
supervisor      the process behind `manage.py up`
"""
