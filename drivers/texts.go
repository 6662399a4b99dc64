package drivers

import "context"

// TextReader is the optional ability to read a text by its key alone, for drivers that are done
// before a Command is put together.
type TextReader interface {
	// ReadText is what Do answers to an OpGet of key.
	ReadText(ctx context.Context, key string) (text string, exists bool, err error)
	// TextsOf is the driver whose Do it stands for.
	TextsOf() Driver
}

// Texts is the TextReader of d, or nil. A driver that embeds another one has the methods of that, but does
// in its own Do what ReadText would pass by: it has none.
func Texts(d Driver) TextReader {
	if reader, ok := d.(TextReader); ok && !isNil(d) && reader.TextsOf() == d {
		return reader
	}
	return nil
}
