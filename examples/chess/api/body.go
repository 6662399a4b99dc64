package api

import (
	"io"
	"mime"
	"net/http"
	"uuid"

	"github.com/kvstore-go/kvstore/jsonval"
)

// maxBody is the longest body of a request, in bytes.
const maxBody = 1 << 20

// body reads the JSON bodies of one kind of request. It validates with the same
// codec, and by the same tags, as kv does for documents.
type body[T any] struct{ codec *jsonval.Codec[T] }

// bodyOf panics on tags that are mistaken; it is for package variables.
func bodyOf[T any]() body[T] {
	codec, err := jsonval.NewCodec[T](jsonval.Strict(), jsonval.MaxSize(maxBody))
	if err != nil {
		panic(err)
	}
	return body[T]{codec}
}

func (b body[T]) read(r *http.Request) (T, error) {
	text, err := readText(r, "application/json")
	if err != nil {
		var none T
		return none, err
	}
	return b.codec.Decode(text)
}

// readWithID reads the id in the path, and the body.
func (b body[T]) readWithID(r *http.Request) (uuid.UUID, T, error) {
	id, err := id(r, "id")
	if err != nil {
		var none T
		return id, none, err
	}
	document, err := b.read(r)
	return id, document, err
}

// readText reads a body of the given media type.
func readText(r *http.Request, mediaType string) (string, error) {
	got, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || got != mediaType {
		return "", &requestError{http.StatusUnsupportedMediaType, "the Content-Type must be " + mediaType}
	}
	text, err := io.ReadAll(r.Body)
	return string(text), err
}
