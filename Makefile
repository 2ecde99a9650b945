# The pure-Go build is what is shipped: one static file. The tests turn C on where the race detector needs it.
export CGO_ENABLED ?= 0

.PHONY: help run build test demo bench generate fmt lint

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
		printf 'make %-10s %s\n' "$$name" "$$what"; done

run: build ## build, then serve on http://127.0.0.1:8080 with data in ./data
	@printf '%s\n' '' "twolock is starting on $${TWOLOCK_LISTEN:-127.0.0.1:8080}, until Ctrl-C. The first start leaves a one-time link for your browser in $${TWOLOCK_DATA_DIR:-data}/operator-enrolment. Or, in another terminal in this folder:" '' \
		"  export PATH=\"\$$PWD/bin:\$$PATH\" TWOLOCK_IDENTITY=alice.json$${TWOLOCK_LISTEN:+ TWOLOCK_URL=http://$$TWOLOCK_LISTEN}" '  twolock identity new --out alice.json' \
		'  twolock operator enrol' '  twolock keystore create' ''
	@bin/twolock serve

build: ## build bin/twolock
	go build -trimpath -o bin/twolock .

test: ## run everything that must pass, as CI does
	scripts/test

demo: build ## play both scenarios with stand-ins for AWS KMS, the Auth server and the vault
	go run -trimpath ./companion/demo -twolock bin/twolock

bench: ## measure, on SQLite and PostgreSQL
	go run -trimpath ./storage/storagetest/withpostgres go test -timeout 0 -run '^$$' -bench . -benchmem ./...

generate: ## make the generated code anew
	go generate ./...

fmt: ## format the Go code
	find . -name '*.go' -not -path './node_modules/*' -exec gofmt -w {} +

lint: ## look for mistakes without running anything
	go vet ./...
	go tool staticcheck ./...
