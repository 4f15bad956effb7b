package main

import (
	"math"
	"slices"
)

// quantile returns the q-th quantile of the values by nearest rank: that value which
// at least the share q of them do not exceed. It is NaN if there are none.
func quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// ratio compares two measurements that were made in the same rounds.
type ratio struct {
	// Medians is the ratio of the medians.
	Medians float64 `json:"medians"`
	// Low and High are the quartiles of the ratios of the single rounds.
	Low  float64 `json:"lowerQuartile"`
	High float64 `json:"upperQuartile"`
}

func ratioOf(values, base []float64) ratio {
	rounds := make([]float64, min(len(values), len(base)))
	for i := range rounds {
		rounds[i] = values[i] / base[i]
	}
	return ratio{median(values) / median(base), quantile(rounds, 0.25), quantile(rounds, 0.75)}
}
