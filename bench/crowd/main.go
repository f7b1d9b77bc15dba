// Many people in one LiveKit room, each a real connection with a microphone and a camera, in one process: what a
// full room costs is then the room's cost and not theirs. Go, because LiveKit's native client for Node opens that
// many only in many processes, each of which takes a core while it joins.
//
// Standard input: one line of JSON, a share. Standard output: a line "joined N" for each who is in the room. Everybody
// leaves when standard input ends.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"time"

	"github.com/go-logr/logr"
	"github.com/livekit/protocol/livekit"
	"github.com/livekit/protocol/logger"
	lksdk "github.com/livekit/server-sdk-go/v2"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

// What crowd.ts sends.
type share struct {
	URL    string `json:"url"`
	People []struct {
		Token  string `json:"token"`
		Speaks bool   `json:"speaks"`
	} `json:"people"`
}

const (
	pictureEvery = 500 * time.Millisecond
	soundEvery   = 20 * time.Millisecond
)

// A green picture of 160 by 90 pixels as VP8. A key frame, so that whoever subscribes sees it with the next one.
const picture = "kAUAnQEqoABaAABHCIWFiJmEiAGiEBOnkgdBY1VJruIdVSa7iHVUmu4h1VJruIdVSa7iHTAA/voyZXL/4M7//gzv/+DO/8EEAA=="

// 20 ms of Opus in which nothing is heard: what counts is that it arrives.
var sound = []byte{0xf8, 0xff, 0xfe}

func main() {
	lksdk.SetLogger(logger.LogRLogger(logr.Discard()))
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		log.Fatal("the share is missing: ", err)
	}
	var given share
	if err := json.Unmarshal(line, &given); err != nil {
		log.Fatal("the share cannot be read: ", err)
	}
	frame, err := base64.StdEncoding.DecodeString(picture)
	if err != nil {
		log.Fatal(err)
	}
	stop := make(chan struct{})
	var senders sync.WaitGroup
	var rooms []*lksdk.Room
	for i, person := range given.People {
		room, err := lksdk.ConnectToRoomWithToken(given.URL, person.Token, lksdk.NewRoomCallback(), lksdk.WithAutoSubscribe(false))
		if err != nil {
			log.Fatalf("number %d does not get in: %v", i+1, err)
		}
		rooms = append(rooms, room)
		microphone := publish(room, webrtc.MimeTypeOpus, lksdk.TrackPublicationOptions{Name: "microphone", Source: livekit.TrackSource_MICROPHONE})
		camera := publish(room, webrtc.MimeTypeVP8, lksdk.TrackPublicationOptions{Name: "camera", Source: livekit.TrackSource_CAMERA, VideoWidth: 160, VideoHeight: 90})
		keepSending(&senders, stop, camera, media.Sample{Data: frame, Duration: pictureEvery})
		if person.Speaks {
			keepSending(&senders, stop, microphone, media.Sample{Data: sound, Duration: soundEvery})
		}
		fmt.Println("joined", i+1)
	}
	_, _ = io.Copy(io.Discard, input)
	close(stop)
	senders.Wait()
	for _, room := range rooms {
		room.Disconnect()
	}
}

func publish(room *lksdk.Room, mimeType string, options lksdk.TrackPublicationOptions) *lksdk.LocalTrack {
	track, err := lksdk.NewLocalTrack(webrtc.RTPCodecCapability{MimeType: mimeType})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := room.LocalParticipant.PublishTrack(track, &options); err != nil {
		log.Fatalf("a %s cannot be published: %v", options.Name, err)
	}
	return track
}

// Until stop is closed. What is sent before the track is negotiated is lost, as with any device.
func keepSending(senders *sync.WaitGroup, stop <-chan struct{}, track *lksdk.LocalTrack, sample media.Sample) {
	senders.Add(1)
	go func() {
		defer senders.Done()
		ticker := time.NewTicker(sample.Duration)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				_ = track.WriteSample(sample, nil)
			}
		}
	}()
}
