package main

import (
	"context"
	"math"
)

// What Lambda bills in us-east-1, in dollars: a GB-second, for the first six billion a
// month, and a million requests (https://aws.amazon.com/lambda/pricing/). Init is
// billed like an invocation since August 2025.
const (
	x86GBSecond     = 0.0000166667
	arm64GBSecond   = 0.0000133334
	millionRequests = 0.20
)

// sizes are the memory sizes in MB that are compared.
var sizes = []int{128, 256, 512, 1024}

// modelled is what a function takes and costs with a memory size.
type modelled struct {
	Function string `json:"function"`
	MemoryMB int    `json:"memoryMB"`
	// Cold is the time in milliseconds of init and the first invocation, and Warm
	// that of a later one; both are medians of the rounds.
	Cold float64 `json:"coldMs"`
	Warm float64 `json:"warmMs"`
	// ColdBilled and WarmBilled are the milliseconds that are billed for them.
	ColdBilled float64 `json:"coldBilledMs"`
	WarmBilled float64 `json:"warmBilledMs"`
}

// dollars returns what a million invocations cost that are billed so many milliseconds
// each.
func (m modelled) dollars(billed, perGBSecond float64) float64 {
	return millionRequests + 1e6*billed/1000*float64(m.MemoryMB)/1024*perGBSecond
}

func model(s subject, memoryMB int, samples []sample) modelled {
	m := modelled{Function: s.name, MemoryMB: memoryMB}
	m.Cold = median(each(samples, func(s sample) float64 { return s.Init + s.First }))
	m.ColdBilled = math.Ceil(m.Cold)
	m.Warm = median(each(samples, func(s sample) float64 { return s.Mean }))
	m.WarmBilled = median(each(samples, func(s sample) float64 { return s.Billed }))
	return m
}

// models measures the deployed functions with each memory size.
func (r runner) models(ctx context.Context, all []subject) ([]modelled, error) {
	var deployed []subject
	for _, s := range all {
		if s.logicalID != "" {
			deployed = append(deployed, s)
		}
	}
	bySize := make(map[int]map[string][]sample)
	for _, memoryMB := range sizes {
		c := r.waiting
		c.memoryMB = memoryMB
		samples, err := rounds(ctx, c, deployed, r.modelRounds())
		if err != nil {
			return nil, err
		}
		bySize[memoryMB] = samples
	}
	var result []modelled
	for _, s := range deployed {
		for _, memoryMB := range sizes {
			result = append(result, model(s, memoryMB, bySize[memoryMB][s.name]))
		}
	}
	return result, nil
}

// onboarding returns what the functions of a million onboardings cost with a memory
// size: the trigger and the steps, each once.
func (r results) onboarding(memoryMB int, billed func(modelled) float64, perGBSecond float64) float64 {
	var sum float64
	for _, m := range r.models {
		if m.MemoryMB == memoryMB && m.Function != deferred {
			sum += m.dollars(billed(m), perGBSecond)
		}
	}
	return sum
}

func ofColdBilled(m modelled) float64 { return m.ColdBilled }
func ofWarmBilled(m modelled) float64 { return m.WarmBilled }

func each(samples []sample, of func(sample) float64) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = of(s)
	}
	return values
}
