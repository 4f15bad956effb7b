package session

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Day is a day without leap seconds.
const Day = 24 * time.Hour

// ParseSince reads a point in the past: a duration before now, such as 48h or 30d,
// or a date, such as 2026-01-31, which begins at midnight UTC.
func ParseSince(text string, now time.Time) (time.Time, error) {
	since, err := parseMoment(text, now)
	if err != nil {
		return time.Time{}, err
	}
	if since.After(now) {
		return time.Time{}, fmt.Errorf("--since %s is in the future", text)
	}
	return since, nil
}

func parseMoment(text string, now time.Time) (time.Time, error) {
	if date, err := time.Parse(time.DateOnly, text); err == nil {
		return date, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.Add(-time.Duration(n) * Day), nil
		}
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		return time.Time{}, errors.New("--since " + text + " is neither a duration, such as 48h or 30d, nor a date, such as 2026-01-31")
	}
	return now.Add(-d), nil
}
