package kv

// paging gathers what comes one by one into pages.
type paging[T any] struct {
	size int
	do   func(page []T) error // with each page, which it does not keep
	page []T                  // what has come since
}

func (p *paging[T]) add(next ...T) error {
	if p.page = append(p.page, next...); len(p.page) < p.size {
		return nil
	}
	return p.flush()
}

// flush is done with what has come since the last page, which may be nothing.
func (p *paging[T]) flush() error {
	err := p.do(p.page)
	clear(p.page)
	p.page = p.page[:0]
	return err
}
