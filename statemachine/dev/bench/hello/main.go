// Command hello is the smallest function that aws-lambda-go makes, for make bench to
// compare with. It is never deployed.
package main

import "github.com/aws/aws-lambda-go/lambda"

func main() {
	lambda.Start(func() (string, error) { return "hello", nil })
}
