package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// state is what Keep writes: the users as motostate.py has them, and the items of the
// tables by the tables' logical IDs.
type state struct {
	Users  json.RawMessage
	Tables map[string][]json.RawMessage
}

// stateFile has it, in a folder of the user's.
const stateFile = "state.json"

// Keep writes the users, with passwords, groups and tokens, and the items of all tables
// into a folder. Executions, mails, log lines and what waits in queues are not kept: a
// user who is being onboarded is one whose execution has been deleted.
func (a *AWS) Keep(ctx context.Context, folder string) error {
	kept := state{Tables: make(map[string][]json.RawMessage)}
	if err := a.backend(ctx, "cognito-idp", "AWSCognitoIdentityProviderService.KeepUsers", map[string]string{"UserPoolId": a.Stack.UserPoolID}, &kept.Users); err != nil {
		return err
	}
	for _, id := range a.tables() {
		in := map[string]any{"TableName": a.names[id]}
		for {
			var page struct {
				Items            []json.RawMessage
				LastEvaluatedKey json.RawMessage
			}
			if err := a.backend(ctx, "dynamodb", "DynamoDB_20120810.Scan", in, &page); err != nil {
				return err
			}
			kept.Tables[id] = append(kept.Tables[id], page.Items...)
			if page.LastEvaluatedKey == nil {
				break
			}
			in["ExclusiveStartKey"] = page.LastEvaluatedKey
		}
	}
	text, err := json.MarshalIndent(kept, "", "\t")
	if err != nil {
		return fmt.Errorf("marshal the state: %w", err)
	}
	file := filepath.Join(folder, stateFile)
	if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(file+".new", text, 0o600)); err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		return fmt.Errorf("keep the state: %w", err)
	}
	return nil
}

// Restore makes the users and items that Keep wrote there, if it did.
func (a *AWS) Restore(ctx context.Context, folder string) error {
	text, err := os.ReadFile(filepath.Join(folder, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	var kept state
	if err := json.Unmarshal(text, &kept); err != nil {
		return fmt.Errorf("decode the state in %s: %w", folder, err)
	}
	in := map[string]any{"UserPoolId": a.Stack.UserPoolID, "Users": kept.Users}
	if err := a.backend(ctx, "cognito-idp", "AWSCognitoIdentityProviderService.RestoreUsers", in, nil); err != nil {
		return err
	}
	for _, id := range a.tables() {
		for _, item := range kept.Tables[id] {
			in := map[string]any{"TableName": a.names[id], "Item": item}
			if err := a.backend(ctx, "dynamodb", "DynamoDB_20120810.PutItem", in, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// tables are the logical IDs of the tables.
func (a *AWS) tables() []string {
	var ids []string
	for id, r := range a.template.Resources {
		if r.Type == "AWS::DynamoDB::Table" {
			ids = append(ids, id)
		}
	}
	return ids
}
