package ses

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

// Delivery is the publication of an event.
type Delivery struct {
	Event Event
	// After is how long after the mail was taken it is published.
	After time.Duration
}

// Outcomes decides what is published of the events of a mail, and when: it may leave
// events out, delay them, have them twice and in another order. Without decided, the mail
// is left to others, and in the end each event is published once, at once and in order.
type Outcomes func(m Mail, events []Event) (deliveries []Delivery, decided bool)

// AddOutcomes makes f decide about every mail from now on; the returned function ends
// that. Of several the first that decides counts.
func (s *SES) AddOutcomes(f Outcomes) (remove func()) { return s.outcomes.Add(f) }

func (s *SES) decide(m Mail, events []Event) []Delivery {
	for _, f := range s.outcomes.All() {
		if deliveries, decided := f(m, events); decided {
			return deliveries
		}
	}
	deliveries := make([]Delivery, len(events))
	for i, e := range events {
		deliveries[i].Event = e
	}
	return deliveries
}

// publish publishes the events beside the caller. Those that are published at the same
// time keep their order.
func (s *SES) publish(m Mail, events []Event) {
	deliveries := slices.Clone(s.decide(m, events))
	slices.SortStableFunc(deliveries, func(a, b Delivery) int { return int(a.After - b.After) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	began := time.Now()
	s.running.Go(func() {
		for _, d := range deliveries {
			select {
			case <-time.After(time.Until(began.Add(d.After))):
				if err := s.put(d.Event); err != nil {
					s.Report(err)
				}
			case <-s.ctx.Done():
				return
			}
		}
	})
}

// put puts an event on the default bus, as only services of AWS may with this source.
// What SES names as resources is not known here; there are none.
func (s *SES) put(e Event) error {
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("marshal %s: %w", e.Type, err)
	}
	out, err := s.Bus.PutEvents(context.WithoutCancel(s.ctx), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String("aws.ses"), DetailType: aws.String(kinds[e.Type].detailType), Detail: aws.String(string(detail)), Time: &e.Time,
	}}})
	if err != nil {
		return fmt.Errorf("put %s: %w", e.Type, err)
	}
	if out.FailedEntryCount > 0 {
		return fmt.Errorf("put %s: %s", e.Type, aws.ToString(out.Entries[0].ErrorMessage))
	}
	return nil
}
