package keystore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"twolock/keystore"
)

// Who waits for messages that a slow store reserves waits no longer than the request lasts, and leaves those behind it their turn.
func TestWaitingForMessagesEndsWithTheRequest(t *testing.T) {
	take := keystore.TakeMessages()
	asked, answer := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		_, err := take(t.Context(), 1, func() (int64, error) { close(asked); <-answer; return 2, nil })
		first <- err
	}()
	<-asked
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	second := make(chan error, 1)
	go func() {
		_, err := take(ctx, 1, func() (int64, error) { return 0, errors.New("asked by the second, too") })
		second <- err
	}()
	select {
	case err := <-second:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second got %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Error("the second waits on, though its request is over")
	}
	close(answer)
	if err := <-first; err != nil {
		t.Errorf("the first got %v", err)
	}
	none := func() (int64, error) { return 0, nil }
	for i, want := range []bool{true, false} {
		if enough, err := take(t.Context(), 1, none); err != nil || enough != want {
			t.Errorf("of the one that is left, call %d got %t, %v", i, enough, err)
		}
	}
}
