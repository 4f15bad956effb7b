// Package logs is the log of every function: one JSON object a line, with
// timestamp, level and message as Lambda names them, the ID of the request, and
// which function it was. Most lines have the execution's name too, so that one
// search in the log group that all functions share finds all that was done for a
// user.
package logs

import (
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// New returns the logger of a function, which Lambda gives format and level by
// environment variables. Whatever is printed with package log goes there as well,
// as an error: the reason why main ends the process, and what aws-lambda-go says of
// each error and panic. Those lines have no request ID.
func New(function string) *slog.Logger {
	log := lambdacontext.NewLogger().With("function", function)
	slog.SetDefault(log)
	slog.SetLogLoggerLevel(slog.LevelError)
	return log
}
