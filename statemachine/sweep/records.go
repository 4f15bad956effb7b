package sweep

import (
	"context"
	"errors"
	"fmt"
	"time"

	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"example.com/onboarding/statemachine"
	"example.com/onboarding/statemachine/record"
)

// How often a batch is asked for what was left of it, and how long it first waits.
const (
	maxBatches = 8
	batchPause = 100 * time.Millisecond
)

// records returns the records of users by their keys. The reads may lag behind by a
// second, which costs half, and at the worst makes the name of an execution decide.
func (s *Sweep) records(ctx context.Context, users []statemachine.Input) (map[string]record.Record, error) {
	found := make(map[string]record.Record, len(users))
	owners := make(map[string]string, len(users)) // by the record's key
	var keys []map[string]types.AttributeValue
	for _, in := range users {
		key := record.KeyOf(in.UserKey())
		if name := keyOf(key); owners[name] == "" {
			owners[name] = in.UserKey()
			keys = append(keys, key)
		}
	}
	for n := 0; len(keys) > 0; n++ {
		if n == maxBatches {
			return nil, errors.New("get records: DynamoDB leaves keys unprocessed")
		}
		if err := pause(ctx, n); err != nil {
			return nil, err
		}
		out, err := s.Records.BatchGetItem(ctx, &ddb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{s.RecordTable: {Keys: keys}},
		})
		if err != nil {
			return nil, fmt.Errorf("get records: %w", err)
		}
		for _, item := range out.Responses[s.RecordTable] {
			found[owners[keyOf(item)]] = record.Read(item)
		}
		keys = out.UnprocessedKeys[s.RecordTable].Keys
	}
	return found, nil
}

func keyOf(item map[string]types.AttributeValue) string {
	if key, ok := item[record.KeyName].(*types.AttributeValueMemberS); ok {
		return key.Value
	}
	return ""
}

// pause waits before the batch after n others, as DynamoDB's guide wants it
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html).
func pause(ctx context.Context, n int) error {
	if n == 0 {
		return nil
	}
	select {
	case <-time.After(batchPause << (n - 1)):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("get records: %w", ctx.Err())
	}
}
