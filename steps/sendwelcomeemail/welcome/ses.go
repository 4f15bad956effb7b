package welcome

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ses/types"
)

// ForSES is the message as SES's SendEmail takes it.
func (m Message) ForSES() *types.Message {
	return &types.Message{Subject: content(m.Subject), Body: &types.Body{Html: content(m.HTML), Text: content(m.Text)}}
}

func content(text string) *types.Content {
	return &types.Content{Charset: aws.String("UTF-8"), Data: &text}
}
