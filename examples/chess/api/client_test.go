package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"uuid"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// client talks to the service.
type client struct {
	url  string
	http *http.Client
}

// reply is what the service answered.
type reply struct {
	status int
	header http.Header
	text   string
}

// object is a JSON object.
type object = map[string]any

// call sends a request with a JSON body, or none if it is nil.
func (c client) call(method, path string, body any) reply {
	if body == nil {
		return c.send(method, path, "", "")
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return c.send(method, path, "application/json", string(text))
}

func (c client) send(method, path, mediaType, body string) reply {
	request, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		return reply{text: err.Error()}
	}
	if mediaType != "" {
		request.Header.Set("Content-Type", mediaType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return reply{text: err.Error()}
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{text: err.Error()}
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

// must is call with the status that is expected.
func (c client) must(status int, method, path string, body any) reply {
	GinkgoHelper()
	got := c.call(method, path, body)
	Expect(got.status).To(Equal(status), "%s %s: %s", method, path, got.text)
	return got
}

// decode reads a JSON answer.
func decode[T any](r reply) T {
	GinkgoHelper()
	var value T
	Expect(json.Unmarshal([]byte(r.text), &value)).To(Succeed(), r.text)
	return value
}

// problem is the body of a refusal.
type problem struct {
	Error      string
	Violations []struct{ Pointer, Keyword, Message string }
}

// together calls n times at once and counts the statuses of the answers.
func together(n int, call func(i int) reply) map[int]int {
	statuses := make([]int, n)
	var calls sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		calls.Go(func() {
			<-begin
			statuses[i] = call(i).status
		})
	}
	close(begin)
	calls.Wait()
	counts := map[int]int{}
	for _, status := range statuses {
		counts[status]++
	}
	return counts
}

func newID() string { return uuid.New().String() }
