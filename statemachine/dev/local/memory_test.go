package local_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"example.com/onboarding/statemachine/dev/local"
)

// What TestFewHundredUsers does: users sign up, so many of them at a time, and no
// function may use more memory in the end than that times what it used after the first
// users.
const (
	firstUsers   = 50
	fewHundred   = 300
	atATime      = 10
	memoryGrowth = 1.5
)

// TestFewHundredUsersAreOnboardedInTheSameMemory looks for users who are lost, effects
// that come twice and memory that leaks.
func TestFewHundredUsersAreOnboardedInTheSameMemory(t *testing.T) {
	aws := startQuietAWS(t)
	onboardMany(t, aws, firstUsers)
	before := residentByFunction(t, aws)
	onboardMany(t, aws, fewHundred-firstUsers)
	after := residentByFunction(t, aws)
	if got := len(executions(t, aws)); got != fewHundred {
		t.Errorf("%d executions, want one for each of %d users", got, fewHundred)
	}
	for _, function := range slices.Sorted(maps.Keys(after)) {
		t.Logf("%s: %.1f MB, after the first users %.1f MB", function, megabytes(after[function]), megabytes(before[function]))
		if limit := memoryGrowth * float64(before[function]); float64(after[function]) > limit {
			t.Errorf("%s has grown to more than %v times its memory", function, memoryGrowth)
		}
	}
}

func megabytes(n int64) float64 { return float64(n) / (1 << 20) }

// onboardMany onboards that many users, some of them at a time, and checks each.
func onboardMany(t *testing.T, aws *local.AWS, n int) {
	t.Helper()
	for range n / atATime {
		users := make([]user, atATime)
		var confirmed sync.WaitGroup
		for i := range users {
			users[i] = signUp(t, aws)
			confirmed.Go(func() {
				if err := aws.Confirm(t.Context(), users[i].User, nil); err != nil {
					t.Error(err)
				}
			})
		}
		confirmed.Wait()
		for _, u := range users {
			checkSucceeded(t, wait(t, aws, u))
			checkEffects(t, aws, u, onboarded(t))
		}
	}
}

// residentByFunction returns the resident memory of the largest process of each
// function, as /proc of Linux has it.
func residentByFunction(t *testing.T, aws *local.AWS) map[string]int64 {
	t.Helper()
	most := make(map[string]int64)
	for _, p := range aws.Processes() {
		if p.Name == local.GatewayProcess || p.Name == local.MotoProcess {
			continue // they keep every user, as AWS does
		}
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.PID))
		if err != nil {
			continue // it has just ended, or this is not Linux
		}
		fields := bytes.Fields(text)
		if len(fields) < 2 {
			continue
		}
		pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		most[p.Name] = max(most[p.Name], pages*int64(os.Getpagesize()))
	}
	return most
}
