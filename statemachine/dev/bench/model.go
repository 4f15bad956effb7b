package main

import (
	"context"
	"math"

	"example.com/onboarding/statemachine/dev/cost"
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
// each. Init is billed like an invocation since August 2025.
func (m modelled) dollars(billed float64, gbSecond cost.Price) float64 {
	return cost.Request.Of(1e6) + gbSecond.Of(1e6*billed/1000*float64(m.MemoryMB)/1024)
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
func (r results) onboarding(memoryMB int, billed func(modelled) float64, gbSecond cost.Price) float64 {
	var sum float64
	for _, m := range r.models {
		if m.MemoryMB == memoryMB && m.Function != deferred {
			sum += m.dollars(billed(m), gbSecond)
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
