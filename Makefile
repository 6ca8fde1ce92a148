# Everything a newcomer types. Details: scripts/ and ivr/setup/.
.PHONY: up test bench lock
.DEFAULT_GOAL := up

up: ## Set up what is missing, then run the clinic in the foreground (Ctrl-C stops it)
	@exec scripts/up

test: ## Install what the tests need and run all of them
	@exec scripts/test

bench: ## Run every benchmark: one JSON object a line
	@exec scripts/bench

lock: ## Pin all dependencies with hashes (UPGRADE=--upgrade: the newest ones)
	@exec scripts/lock
