// SPDX-License-Identifier: MIT

// A driver for sideshow/apns2; see ../README.md for its words and its line.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sideshow/apns2"
	"github.com/sideshow/apns2/certificate"
	"golang.org/x/net/http2"
)

const warmUp = 10000

func number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil || n < 1 {
		log.Fatalf("not a number: %q", word)
	}
	return n
}

// newClient is apns2.NewClient but for the simulator's CA.
func newClient(host, port, cert, ca string) *apns2.Client {
	pair, err := certificate.FromPemFile(cert, "")
	if err != nil {
		log.Fatal(err)
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := apns2.NewClient(pair)
	client.Host = "https://" + host + ":" + port
	client.HTTPClient = &http.Client{
		Timeout: apns2.HTTPClientTimeout,
		Transport: &http2.Transport{
			TLSClientConfig: &tls.Config{
				Certificates: []tls.Certificate{pair},
				RootCAs:      roots,
			},
			DialTLS:         apns2.DialTLS,
			ReadIdleTimeout: apns2.ReadIdleTimeout,
		},
	}
	return client
}

// send pushes n times with so many in flight, and counts.
func send(client *apns2.Client, topic string, n, inFlight int) (ok, failed int64) {
	var next atomic.Int64
	var good, bad atomic.Int64
	var all sync.WaitGroup
	for i := 0; i < inFlight; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for {
				i := next.Add(1)
				if i > int64(n) {
					return
				}
				response, err := client.Push(&apns2.Notification{
					DeviceToken: fmt.Sprintf("%064x", i),
					Topic:       topic,
					PushType:    apns2.PushTypeMDM,
					Priority:    apns2.PriorityHigh,
					Expiration:  time.Now().Add(7 * 24 * time.Hour).Truncate(time.Minute),
					Payload:     []byte(`{"mdm":"0B3F8A52-6A3E-4C1D-9B7E-51A0C2F4D6E8"}`),
				})
				if err == nil && response.Sent() {
					good.Add(1)
				} else {
					bad.Add(1)
				}
			}
		}()
	}
	all.Wait()
	return good.Load(), bad.Load()
}

// usage is user and system seconds of the whole process.
func usage() (user, system float64) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	seconds := func(t syscall.Timeval) float64 {
		return float64(t.Sec) + float64(t.Usec)/1e6
	}
	return seconds(used.Utime), seconds(used.Stime)
}

func main() {
	if len(os.Args) != 9 {
		log.Fatal("usage: apns2 HOST PORT CERT CA TOPIC NUMBER CONNECTIONS STREAMS")
	}
	host, port, topic := os.Args[1], os.Args[2], os.Args[5]
	n, inFlight := number(os.Args[6]), number(os.Args[7])*number(os.Args[8])
	client := newClient(host, port, os.Args[3], os.Args[4])

	send(client, topic, warmUp, inFlight)
	began := time.Now()
	userBefore, systemBefore := usage()
	ok, failed := send(client, topic, n, inFlight)
	userAfter, systemAfter := usage()
	line, _ := json.Marshal(map[string]any{
		"peer": "apns2", "version": "0.25.0", "ok": ok, "failed": failed,
		"seconds":        time.Since(began).Seconds(),
		"user_seconds":   userAfter - userBefore,
		"system_seconds": systemAfter - systemBefore,
	})
	fmt.Println(string(line))
}
