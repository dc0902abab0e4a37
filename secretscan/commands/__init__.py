"""One module a verb: HELP, add_arguments(parser), run(args) -> exit code. They wire rooms and hold no logic."""
