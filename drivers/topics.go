package drivers

// topicOps are the Ops on channels of messages.
var topicOps = family{
	{OpPublish, operation{name: "PUBLISH", effect: Writes, outside: true}},
}

// predictPublish does not know who will listen, and says 0.
func predictPublish(*predictor, *Prediction) error { return nil }
