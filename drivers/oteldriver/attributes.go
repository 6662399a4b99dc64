package oteldriver

import "go.opentelemetry.io/otel/attribute"

// The attributes of spans and metrics, named as in OpenTelemetry's semantic conventions 1.43
// for database clients where these have a name.
const (
	// SystemNameKey is the database, "redis". A middleware does not know it: see WithAttributes.
	SystemNameKey = attribute.Key("db.system.name")
	// OperationNameKey is the Op, for several commands "BATCH" or "MULTI" and the Op they share,
	// for one that may wait "WAIT" and the Op.
	OperationNameKey = attribute.Key("db.operation.name")
	// CollectionNameKey is the schema path, if there is one.
	CollectionNameKey = attribute.Key("db.collection.name")
	// QuerySummaryKey is the operation and the schema path: the name of the span.
	QuerySummaryKey = attribute.Key("db.query.summary")
	// BatchSizeKey is how many commands a batch has, if it is not one.
	BatchSizeKey = attribute.Key("db.operation.batch.size")
	// ReturnedRowsKey is how many names a listing yielded, if it did not fail.
	ReturnedRowsKey = attribute.Key("db.response.returned_rows")
	// ErrorTypeKey is the class of a failure; see the package documentation.
	ErrorTypeKey = attribute.Key("error.type")

	// PoolNameKey is the client whose connections are counted.
	PoolNameKey        = attribute.Key("db.client.connection.pool.name")
	connectionStateKey = attribute.Key("db.client.connection.state")

	// NearNameKey is the near cache whose figures they are.
	NearNameKey   = attribute.Key("kvstore.near.name")
	nearResultKey = attribute.Key("kvstore.near.result")

	// OutcomeKey is what became of an operation, in metrics: ok, absent, refused, conflict,
	// indeterminate, unavailable, cancelled or error; see the package documentation.
	OutcomeKey = attribute.Key("kvstore.outcome")
	// BatchOperationsKey is the first 16 different Ops of a batch.
	BatchOperationsKey = attribute.Key("kvstore.batch.operations")
	// BatchPathsKey is the first 16 different schema paths of a batch.
	BatchPathsKey = attribute.Key("kvstore.batch.paths")
	// BatchFailedKey is how many commands of a batch failed, if any did.
	BatchFailedKey = attribute.Key("kvstore.batch.failed")
)
