"""The supervisor and the programs that it keeps running.

Main line: `Supervisor.run()`: lock DATA_DIR → listen → start the database → prepare it → keep web and workers running.

event_loop     waits for output, ends of processes and signals, in one thread
foreground     `manage.py run PART`: one program, for containers and service managers
http_protocol  limits of one HTTP connection, which uvicorn lacks
keeper         one program: started, and started again when it ends
listener       the socket that is served, opened before anything else
log_output     lines of the programs, to the terminal and to log files
options        settings of the supervisor, read from the environment
programs       web, workers, maintenance, preparation: their command lines
serve          the web process: uvicorn on the supervisor's socket
supervisor     the process behind `manage.py up`
"""
