package doctor

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// checkStatus checks that the last deployment of the stack succeeded.
func checkStatus(k *stack) []Finding {
	if k.status == types.StackStatusCreateComplete || k.status == types.StackStatusUpdateComplete {
		return []Finding{fine(string(k.status))}
	}
	return []Finding{warning(fmt.Sprintf("the last deployment did not succeed, or has not yet: %s", k.status),
		"aws cloudformation describe-stack-events --stack-name "+quote(k.name)+" --query 'StackEvents[?ResourceStatusReason]'")}
}

type tablesAPI interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
}

// checkTables checks that the tables of the stack can be used.
func checkTables(ctx context.Context, api tablesAPI, k *stack) ([]Finding, error) {
	var found []Finding
	for _, r := range k.ofType("AWS::DynamoDB::Table") {
		name := aws.ToString(r.PhysicalResourceId)
		out, err := api.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
		if isGone(err) {
			found = append(found, fault("the table "+name+" was deleted", "aws dynamodb list-backups --backup-type ALL --table-name "+quote(name)+
				"   # restore the latest with aws dynamodb restore-table-from-backup, under the same name"))
			continue
		}
		if err != nil {
			return found, fmt.Errorf("describe table: %w", err)
		}
		// A table that is updated can be used meanwhile.
		if status := out.Table.TableStatus; status != dynamodbtypes.TableStatusActive && status != dynamodbtypes.TableStatusUpdating {
			found = append(found, fault(fmt.Sprintf("the table %s is %s", name, status), "aws dynamodb describe-table --table-name "+quote(name)))
		}
	}
	return found, nil
}
