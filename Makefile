.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -o pipefail -c

# AWS is never called from here, but by test-teststate.
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION := us-east-1
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/lint/bin:$(PATH)

# How the functions are built: small, and from the same code the same bytes in any
# folder. -s also leaves the debugging information out, and lambda.norpc the code for
# the go1.x runtime, which provided.al2023 never runs (aws-lambda-go's README).
deployed = CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false -ldflags=-s -tags=lambda.norpc"

FUZZTIME ?= 30s
tutorial = statemachine/examples/tutorial
localaws = $(deployed) .ci/prepare $(1) && exec .local/localaws $(1)

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^## / {printf "\n%s\n", substr($$0, 4)} /^[a-z-]+:.*## / {printf "  %-26s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

## use

.PHONY: run
run: ## Onboard one user on a local AWS and show what happened. EMAIL= NAME= METADATA= EVENT= REFUSE= ENGINE= PORT= APP_NAME= and other parameters of the template
	@$(call localaws,run)

.PHONY: local
local: ## Keep a local AWS up, for the AWS CLI or any other client, until Ctrl-C; show what happens there, and follow the code. STATE= REFUSE= PORT= ENGINE= APP_NAME= and other parameters
	@$(call localaws,up)

.PHONY: build
build: tools-lint ## Build what is deployed, with the SAM CLI, and check it.
	$(deployed) sam build
	.ci/check-build
	$(deployed) .ci/check-reproducible

## develop

.PHONY: check
check: tools-lint ## Check a change: lint the Go code, and run the tests that need no server.
	golangci-lint run
	go mod tidy -diff
	@go test ./... | grep -v 'no test files'

.PHONY: lint
lint: tools-lint ## Check the code, the template, the definitions and the GitHub workflow.
	golangci-lint run
	go mod tidy -diff
	sam validate --lint
	sam validate --lint --template $(tutorial)/template.yaml
	cfn-lint template.yaml $(tutorial)/template.yaml
	@for definition in statemachine/*.asl.json $(tutorial)/*.asl.json; do echo "cfn-lint $$definition"; \
		(printf '{"Resources":{"Machine":{"Type":"AWS::StepFunctions::StateMachine","Properties":{"RoleArn":"arn:aws:iam::123456789012:role/lint","Definition":'; \
		sed 's/$${Partition}/aws/' "$$definition"; printf '}}}}') | cfn-lint --ignore-checks E1029 - || exit; done
	.tools/lint/bin/python -B statemachine/dev/local/deploymentpolicy.py template.yaml | diff statemachine/deployment-policy.json - || { echo "statemachine/deployment-policy.json is stale: make docs writes it anew"; exit 1; }
	actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	zizmor --offline --no-progress --quiet .github

.PHONY: test
test: tools-local ## Run all tests, with the race detector and the workflow tests on the local AWS.
	@.ci/test

.PHONY: docs
docs: tools-local tools-lint tools-drawing ## Write the diagram, the dashboard's picture and the tables in the documents anew.
	@mkdir -p .local
	.tools/drawing/bin/python -B statemachine/dev/dashboard/draw.py >.local/dashboard.svg && mv .local/dashboard.svg statemachine/
	go test ./statemachine -run '^Test(Diagram|MockConfigFile)$$' -update
	go test ./steps/internal/awserr -run '^TestErrorsDoc$$' -update
	@for file in $$(grep -rl '^func TestSchemaHas' --include='*_test.go' steps); do (set -x; go test "./$${file%/*}" -run '^TestSchemaHas' -update) || exit; done
	WORKFLOW_TESTS=1 go test ./statemachine/dev/local -run '^Test(PermissionsDoc|Usage)$$' -update
	go run ./statemachine/dev/numbers -update >.local/numbers.md
	.tools/lint/bin/python -B statemachine/dev/local/deploymentpolicy.py template.yaml >.local/policy.json && mv .local/policy.json statemachine/deployment-policy.json

.PHONY: step
step: ## Add a step in its three places, after the last one or AFTER=, or take it out. NAME= AFTER= REMOVE=1
	@go run ./statemachine/dev/newstep '$(NAME)' $(if $(AFTER),--after '$(AFTER)') $(if $(REMOVE),--remove)

.PHONY: preview
preview: tools-browser ## Show the mail in every language; look up what mail clients know, and compare its pictures with the right ones. UPDATE=1 CHROMIUM=
	go run ./statemachine/dev/preview $(if $(UPDATE),-update)

.PHONY: test-page
test-page: tools-local tools-browser tools-page ## Use the page of the local AWS in a headless browser. UPDATE=1 bundles its libraries and takes its pictures anew. CHROMIUM=
	node statemachine/dev/page/assets/bundle.mjs .tools/page $(if $(UPDATE),-update)
	BROWSER_TESTS=1 UPDATE=$(UPDATE) go test ./statemachine/dev/page -run '^TestInABrowser$$' -v -count=1 | grep -v '^=== '

.PHONY: fuzz
fuzz: ## Fuzz the trigger, each step and the group rules, one after the other. FUZZTIME=30s
	@for file in $$(grep -lr '^func Fuzz' --include='*_test.go' trigger steps statemachine/firsttoken statemachine/grouprules); do \
		go test -run '^$$' -fuzz . -fuzztime $(FUZZTIME) "./$${file%/*}" || exit; done

## maintain

# The packages with benchmarks, found by their functions.
.PHONY: bench
bench: tools-bench ## Measure the functions as Lambda runs them, as root, and compare with the goals. UPDATE=1 writes them into NUMBERS.md. ONLY= ROUNDS=
	@mkdir -p .local
	go test -run '^$$' -bench . -count 6 -benchtime 0.2s $$(grep -lr '^func Benchmark' --include='*_test.go' trigger steps statemachine | xargs -n 1 dirname | sort -u | sed 's|^|./|') >.local/bench.txt || { cat .local/bench.txt; exit 1; }
	@benchstat .local/bench.txt
	go run ./statemachine/dev/bench $(if $(ROUNDS),-rounds $(ROUNDS)) $(if $(ONLY),-only '$(ONLY)') $(if $(UPDATE),-update)

.PHONY: numbers
numbers: ## Show retries, bursts, costs and usage as in NUMBERS.md, and fail if a goal for bursts is missed.
	go run ./statemachine/dev/numbers

.PHONY: test-faults
test-faults: tools-local ## Strike every call of an onboarding with every fault, and count users lost. UPDATE=1 writes FAULTS.md.
	WORKFLOW_TESTS=1 FAULT_TESTS=1 go test ./statemachine/dev/local -run '^TestFaults$$' -v -count=1 $(if $(UPDATE),-update) | grep -v '^ *\(---\|===\)'

.PHONY: test-adapt
test-adapt: tools-local tools-lint tools-drawing ## Add a step in a copy of the tree, take the last one out of another, and run everything there.
	.ci/adapt

.PHONY: test-clients
test-clients: tools-local tools-clients ## Sign up, in and out on the local AWS with the AWS CLI, SDKs, Amplify and amazon-cognito-identity-js.
	CLIENT_TESTS=1 go test ./statemachine/dev/clients -v -count=1 | grep -v '^=== '

.PHONY: test-stepfunctions-local
test-stepfunctions-local: ## Run the workflow tests on Step Functions Local: in Docker, or STEPFUNCTIONS_LOCAL_JAR=
	.ci/stepfunctions-local

.PHONY: test-teststate
test-teststate: ## Run the mocked cases on AWS by TestState. Deploys nothing, needs credentials that allow states:TestState. AWS_PROFILE= AWS_REGION=
	go run ./statemachine/dev/teststate

.PHONY: vuln
vuln: tools-vuln ## Fail if the code calls what has a known vulnerability, or the index cannot be reached. VULNDB=
	$(deployed) GOOS=linux GOARCH=arm64 VULNDB=$(VULNDB) .ci/vuln

.PHONY: sbom
sbom: tools-sbom build ## List the modules of each built function, as CycloneDX, in .local/sbom.
	$(deployed) GOOS=linux GOARCH=arm64 .ci/sbom

.PHONY: clean
clean: ## Remove what the other targets made, the tools included.
	rm -rf .tools .local .aws-sam

.PHONY: tools-local tools-lint tools-drawing tools-sbom tools-vuln tools-browser tools-page tools-clients tools-bench
tools-local tools-lint tools-drawing tools-sbom tools-vuln tools-browser tools-page tools-clients tools-bench: tools-%:
	@.ci/tools $*
